import { readFile } from 'node:fs/promises';
import { FarolaError, isoTime, jsonTime, printable, type Result, systemClock, textTable, toHex } from '@farola/shared';
import { inputFailure } from '../store/access-failure.js';
import { CurrentReleases, trustOf } from '../fleet/current-releases.js';
import { nameOf, type ReleaseBook } from '../fleet/release-book.js';
import { checkAddable, isRevocation, reasonOf } from '../fleet/release-rules.js';
import type { CollectorConfig } from '../config.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { openRelease } from '../trust/open-release.js';
import { sodiumVerify } from '../trust/sodium-signer.js';
import { type CommandOptions, say } from './command-options.js';
import { withState } from './open-store.js';

/** What is said of code hashes now, opened with the keys of the configuration. */
export async function bookOf({ releases }: SqliteState, config: CollectorConfig): Promise<ReleaseBook> {
  return new CurrentReleases(releases, trustOf(config), await sodiumVerify()).book;
}

/** Reads a release file. Errors: `file-unreadable`, `permission-denied`. */
export async function readReleaseFile(path: string): Promise<Uint8Array> {
  return new Uint8Array(
    await readFile(path).catch((error: unknown) => {
      throw inputFailure(error, path);
    }),
  );
}

/** The value, or the refusal as an error. */
export function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new FarolaError(result.code, result.facts);
}

/**
 * Adds a release: verified with the configured keys, judged against what is known, then kept; what it revokes stays revoked,
 * whoever is trusted later. The same file again changes nothing. Errors: `release-keys-missing`, those of `openRelease` and `checkAddable`.
 */
export async function addRelease(path: string, options: CommandOptions): Promise<void> {
  const file = await readReleaseFile(path);
  const verify = await sodiumVerify();
  await withState(options.config, ({ releases }, config) => {
    const trust = trustOf(config);
    if (trust.keys.length === 0) throw new FarolaError('release-keys-missing', { path: options.config });
    const release = orThrow(openRelease(file, trust, verify));
    const { wallMs } = systemClock().now();
    const { codeHash } = release;
    const known = new CurrentReleases(releases, trust, verify).book.find(codeHash);
    checkAddable(release, known, wallMs);
    if (isRevocation(release)) releases.revoke(codeHash, reasonOf(release), wallMs, file);
    else releases.put(codeHash, file, wallMs);
    const says = isRevocation(release) ? 'revoked, for ever' : `approved until ${isoTime(release.expiresAt)}`;
    const { product, productVersion: version, sequence, expiresAt } = release;
    const mark = isRevocation(release) ? 'revoked' : 'approved';
    const facts = { codeHash: toHex(codeHash), product, version, sequence, mark, expiresAt: jsonTime(expiresAt) };
    say(options, facts, `${printable(nameOf(release))}, code ${toHex(codeHash)}: ${says}`);
  });
}

/** Lists what is said of code, and how many LCUs ran it at their last verified answer. */
export async function listReleases(options: CommandOptions & { readonly json?: boolean }): Promise<void> {
  await withState(options.config, async (state, config) => {
    const { wallMs } = systemClock().now();
    const book = await bookOf(state, config);
    const running = state.fleet.list().map(({ lcuNo }) => state.derived.contact(lcuNo)?.codeHash);
    const rows = book.entries.map((entry) => {
      const { mark, reason } = book.mark(entry.codeHash, wallMs);
      return { entry, mark, reason, lcus: running.filter((hash) => hash && book.find(hash) === entry).length };
    });
    if (options.json) {
      for (const { entry, mark, reason = null, lcus } of rows) {
        const { product = null, productVersion: version = null, sequence = null, expiresAt = null } = entry.stated ?? {};
        const stated = { codeHash: toHex(entry.codeHash), product, version, sequence };
        options.out(JSON.stringify({ ...stated, mark, reason, expiresAt: jsonTime(expiresAt), lcuCount: lcus }));
      }
      return;
    }
    const columns = ['product', 'version', 'code', 'mark', 'expires', 'LCUs', 'because'].map((title) => ({ title }));
    const lines = textTable(
      columns,
      rows.map(({ entry: { codeHash, stated }, mark, reason, lcus }) => [
        stated?.product ?? '-',
        stated?.productVersion ?? '-',
        toHex(codeHash),
        mark,
        stated ? isoTime(stated.expiresAt) : '-',
        String(lcus),
        reason ?? '',
      ]),
    );
    lines.forEach(options.out);
  });
}
