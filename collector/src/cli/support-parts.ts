import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, errnoOf, FarolaError, isoTime, systemClock, systemClockFacts } from '@farola/shared';
import { askControl } from '../api/node-control-client.js';
import type { StatePaths } from '../config/state-paths.js';
import { openSqliteState, type SqliteState } from '../fleet/sqlite-state.js';
import { ledgerFiles, storeFacts } from '../ledger/sqlite-store-facts.js';
import { proofStatus } from '../proof/proof-status.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { isThere } from '../store/is-there.js';
import { readStatements } from '../trust/fs-key-files.js';
import { keyHistory } from '../trust/key-history.js';

/** Newest findings of the nightly proof that a bundle holds. */
const FINDINGS = 200;
const CERTIFICATES = /^(ca|tls)(-[0-9a-f]+)?\.pem$/;

/** What the process says: its counts since the start, and refused connections by code. Error: `collector-not-running`. */
export async function runningPart(runDir: string): Promise<unknown> {
  return askControl(runDir, 'GET', '/status');
}

/**
 * Which keys stand how, by their fingerprints, and until when certificates hold; nothing of a key itself. Errors: `not-initialised`,
 * `key-file-invalid`, `permission-denied`.
 */
export async function keysPart({ keys: folder }: StatePaths, collectorId: string): Promise<object> {
  const statements = await readStatements(folder, collectorId);
  const keys = keyHistory(
    statements.map((one) => one.keys),
    false,
  );
  const certificates = readdirSync(folder).filter((name) => CERTIFICATES.test(name));
  return {
    statement: statements.at(-1)?.keys.sequence ?? null,
    keys: keys.map(({ sinceMs, ...key }) => ({ ...key, since: isoTime(sinceMs) })),
    certificates: certificates.map((name) => ({ name, ...validity(join(folder, name)) })),
  };
}

function validity(path: string): object {
  try {
    const { validFrom, validTo } = new X509Certificate(readFileSync(path));
    return { from: isoTime(Date.parse(validFrom)), to: isoTime(Date.parse(validTo)) };
  } catch (error) {
    return { unread: errnoOf(error) ?? 'no certificate' };
  }
}

/** The last configuration that was sent to each LCU, and what became of it; not what stands in it, nor who sent it and why. */
export async function pushes(paths: StatePaths): Promise<readonly object[]> {
  return withFleet(paths, ({ fleet, commands }) =>
    fleet.list().flatMap(({ lcuNo, lcuId: lcu }) => {
      const last = commands.last(lcuNo);
      if (!last) return [];
      const { sequence, orderedAtMs, validUntilMs, outcome, answeredAtMs } = last;
      return [{ lcu, sequence, orderedAtMs, validUntilMs, outcome, answeredAtMs, bytes: last.argument.length }];
    }),
  );
}

async function withFleet<T>({ state: path }: StatePaths, look: (state: SqliteState) => T): Promise<T> {
  if (!isThere(path)) throw new FarolaError('not-initialised', { path, command: 'farola-collector init' });
  const state = await openSqliteState({ path, mayUpgrade: false });
  try {
    return look(state);
  } finally {
    state.close();
  }
}

/** Sums of what is counted anyway: rows of the ledger are not looked at. Error: `not-initialised`. */
export async function counts(paths: StatePaths): Promise<object> {
  return withFleet(paths, ({ fleet, derived }) => {
    const lcus = fleet.list();
    const contacts = lcus.flatMap(({ lcuNo }) => derived.contact(lcuNo) ?? []);
    const sum = (of: (contact: (typeof contacts)[number]) => number): number => contacts.reduce((all, one) => all + of(one), 0);
    return {
      lcus: lcus.length,
      answersVerified: sum(({ answersOk }) => answersOk),
      answersRefused: sum(({ answersRefused }) => answersRefused),
      entriesStored: sum(({ entriesStored }) => entriesStored),
      backlog: sum(({ backlog }) => backlog),
    };
  });
}

/** How far the nightly proof is, what the last night came to, and the newest that was found. */
export async function proofPart({ proof }: StatePaths): Promise<unknown> {
  if (!isThere(proof)) return { proof: 'none yet' };
  const book = await openSqliteProofBook(proof, { readOnly: true });
  try {
    return { ...proofStatus(book), findings: book.findings(0).slice(-FINDINGS) };
  } finally {
    book.close();
  }
}

/** Formats and sizes of the files of the state. */
export async function schemas({ state, uptime, aggregates, proof, ledger }: StatePaths): Promise<unknown> {
  const paths = [...[state, uptime, aggregates, proof].filter(isThere), ...(isThere(ledger) ? ledgerFiles(ledger) : [])];
  const facts: unknown[] = [];
  for (const path of paths) facts.push(await storeFacts(path).catch((error: unknown) => ({ path, missing: codeOf(error) })));
  return facts;
}

/** What time it is here, and whether systemd takes it for synchronised. */
export async function clockPart(): Promise<object> {
  return { wall: new Date(systemClock().now().wallMs).toISOString(), system: await systemClockFacts() };
}
