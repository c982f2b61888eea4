import { FarolaError, fromHex, isoTime, jsonTime, printable, systemClock, textTable, toHex, counted } from '@farola/shared';
import { type BookedPlatform, PlatformBook } from '../fleet/platform-book.js';
import type { PlatformJudgement } from '../fleet/platforms.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { type CommandOptions, say } from './command-options.js';
import { withState } from './open-store.js';
import { decisionText, whoIsThere } from './who-decides.js';

/** Options of `platform add` and `platform revoke`. */
export interface JudgeOptions extends CommandOptions {
  readonly reason: string;
  /** Who is logged in when it is not told. */
  readonly by?: string;
}

const WHOLE = /^[0-9a-f]{64}$/i;
const BEGIN = /^[0-9a-f]{8,64}$/i;

/** What is thought of each platform that was judged, or that LCUs run on. */
export function platformBookOf({ platforms, fleet, derived }: SqliteState): PlatformBook {
  const told = fleet.list().flatMap(({ lcuNo }) => derived.platform(lcuNo) ?? []);
  return new PlatformBook(platforms.all(), told);
}

/** Lists platforms: what is thought of them, and how many LCUs run on each. */
export async function listPlatforms(options: CommandOptions & { readonly json?: boolean }): Promise<void> {
  await withState(options.config, (state) => {
    const { entries } = platformBookOf(state);
    if (options.json) return entries.forEach((entry) => options.out(JSON.stringify(jsonOf(entry))));
    const columns = ['platform', 'mark', 'LCUs', 'judged', 'by', 'because'].map((title) => ({ title }));
    const rows = entries.map(({ platformHash, mark, lcus, judgement }) => [
      toHex(platformHash),
      mark,
      String(lcus),
      judgement ? isoTime(judgement.atMs) : '-',
      judgement?.by ?? '-',
      judgement?.reason ?? '',
    ]);
    textTable(
      columns,
      rows.map((row) => row.map(printable)),
    ).forEach(options.out);
  });
}

/**
 * Approves or revokes a platform hash: by its first eight digits one that is known, whole any. What LCUs on it deliver is
 * stored all the same. Errors: `platform-unknown`, `platform-hash-malformed`, `usage`.
 */
export async function judgePlatform(name: string, verdict: PlatformJudgement['verdict'], options: JudgeOptions): Promise<void> {
  const reason = decisionText('--reason', options.reason);
  const by = decisionText('--by', options.by ?? whoIsThere());
  await withState(options.config, (state) => {
    const platformHash = hashMeant(platformBookOf(state), name);
    state.platforms.judge({ platformHash, verdict, atMs: systemClock().now().wallMs, reason, by });
    const { lcus } = platformBookOf(state).beginning(toHex(platformHash))[0] as BookedPlatform;
    const facts = { platformHash: toHex(platformHash), mark: verdict, reason, by, lcuCount: lcus };
    say(options, facts, `platform ${toHex(platformHash)} is ${verdict}; ${counted(lcus, 'LCU runs', 'LCUs run')} on it.`);
  });
}

function hashMeant(book: PlatformBook, name: string): Uint8Array {
  if (WHOLE.test(name)) return fromHex(name);
  if (!BEGIN.test(name)) throw new FarolaError('platform-hash-malformed', { name });
  const meant = book.beginning(name);
  const [one] = meant;
  if (!one) throw new FarolaError('platform-unknown', { name });
  if (meant.length > 1) throw new FarolaError('usage', { reason: `${meant.length} platforms begin with ${name}` });
  return one.platformHash;
}

function jsonOf({ platformHash, mark, lcus, judgement }: BookedPlatform): object {
  const { atMs, by, reason } = judgement ?? {};
  return {
    platformHash: toHex(platformHash),
    mark,
    reason: reason ?? null,
    by: by ?? null,
    judgedAt: jsonTime(atMs ?? null),
    lcuCount: lcus,
  };
}
