import { counted, FarolaError, fromHex, sameBytes, systemClock, toHex } from '@farola/shared';
import type { BookedRelease } from '../fleet/release-book.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { type CommandOptions, say } from './command-options.js';
import { confirm } from './confirm.js';
import { withState } from './open-store.js';
import { bookOf } from './release.js';

/** Options of `release revoke`. */
export interface RevokeOptions extends CommandOptions {
  readonly reason: string;
  /** Nobody is asked. */
  readonly yes?: boolean;
}

/** How many LCUs ran any of these codes at their last verified answer. */
export function countRunning({ fleet, derived }: SqliteState, hashes: readonly Uint8Array[]): number {
  return fleet.list().filter(({ lcuNo }) => {
    const runs = derived.contact(lcuNo)?.codeHash;
    return runs && hashes.some((hash) => sameBytes(hash, runs));
  }).length;
}

/**
 * Revokes every release of a version, or one code hash, for ever: its answers are refused from the next second on. A person
 * confirms it who was told how many LCUs run it. Errors: `release-unknown`, `usage`.
 */
export async function revokeRelease(name: string, options: RevokeOptions): Promise<void> {
  const reason = options.reason.trim();
  if (reason === '' || reason.length > 256) throw new FarolaError('usage', { reason: '--reason has 1 to 256 characters' });
  await withState(options.config, async (state, config) => {
    const hashes = hashesMeant((await bookOf(state, config)).entries, name);
    const lcus = countRunning(state, hashes);
    const run = `${counted(lcus, 'LCU runs', 'LCUs run')} it`;
    const what = `${run}; once revoked, for ever, answers of it are refused at once`;
    await confirm({ name, what, todo: 'revoke it', yes: options.yes, ask: options.ask });
    for (const codeHash of hashes) state.releases.revoke(codeHash, reason, systemClock().now().wallMs);
    const revoked = hashes.map(toHex);
    const lines = revoked.map((hash) => `code ${hash} is revoked; answers of it are refused.`);
    say(
      options,
      { codeHashes: revoked, mark: 'revoked', reason, lcuCount: lcus },
      ...lines,
      ...(lcus === 0 ? [] : [`${run}: install an approved release there.`]),
    );
  });
}

function hashesMeant(entries: readonly BookedRelease[], name: string): Uint8Array[] {
  const hashes = entries.filter((entry) => isMeant(entry, name)).map(({ codeHash }) => codeHash);
  if (hashes.length > 0) return hashes;
  if (/^[0-9a-f]{64}$/i.test(name)) return [fromHex(name)];
  throw new FarolaError('release-unknown', { name });
}

/** By its version, or by its code hash, of which the first eight digits are enough. */
function isMeant({ codeHash, stated }: BookedRelease, name: string): boolean {
  if (stated?.productVersion === name) return true;
  return /^[0-9a-f]{8,64}$/i.test(name) && toHex(codeHash).startsWith(name.toLowerCase());
}
