import { type ErrorCode, ERRORS, FarolaError } from '@farola/shared';
import type { Running } from '../status/fs-run-status.js';

/** How an LCU stands with its collector, as far as is known here. */
export type Standing =
  { readonly is: 'waits' } | { readonly is: 'approved'; readonly lastAnswerMs: number } | { readonly is: 'not-known' };

/** What a collector refuses an LCU with for good. */
const REFUSALS: ReadonlySet<string> = new Set(['lcu-revoked', 'lcu-retired']);
/** What it says of a key that it has no more, as after `lcu add` for the same name. */
const FORGOTTEN = 'key-unknown';

/**
 * How an enrolled LCU stands, as its running agent was told last; without one that is not known.
 * @throws FarolaError `lcu-revoked`, `lcu-retired`, `collector-refused` when the collector does not have it any more
 */
export function knownStanding(running: Running | undefined, lcu: string): Standing {
  if (!running || !('status' in running) || running.status.lcuId !== lcu) return { is: 'not-known' };
  const { state, reason, lastAnswerMs } = running.status.link;
  if (state !== 'connected' && reason !== null) {
    if (REFUSALS.has(reason) && Object.hasOwn(ERRORS, reason)) throw new FarolaError(reason as ErrorCode, { lcu });
    if (reason === FORGOTTEN) throw new FarolaError('collector-refused', { code: reason });
    if (reason === 'lcu-pending') return { is: 'waits' };
  }
  return lastAnswerMs === null ? { is: 'not-known' } : { is: 'approved', lastAnswerMs };
}
