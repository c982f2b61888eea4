import { ledgerKeyParts, SLOT_MS } from '../ledger/ledger-key.js';
import type { Finding } from './finding.js';

/** What the ledger was proven of, beside the nightly proof: by a command, all that is asked at once. */
export interface ProofRecord {
  readonly by: 'verify' | 'rebuild';
  /** Of one LCU alone; null of all. */
  readonly lcu: string | null;
  /** Span of receipt, wall time, ms, both ends included; null for all. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | null;
  /** Wall time, ms. */
  readonly beganMs: number;
  readonly endedMs: number;
  /** What was received before this wall time was there to be proven, ms. */
  readonly upToMs: number;
  readonly rows: number;
  readonly counts: Readonly<Record<'damaged' | 'gone', number>>;
  /** What does not agree or is gone, the first of each; `counts` has how many these are. */
  readonly findings: readonly Finding[];
}

/** What a proof was asked to look at. */
export type ProofScope = Pick<ProofRecord, 'lcu' | 'span'>;

/** Whether a proof of this scope looked at the place of a finding again. */
export function looksAt({ lcu, span }: ProofScope, finding: TimedFinding & Pick<Finding, 'lcu'>): boolean {
  if (lcu !== null && finding.lcu !== lcu) return false;
  if (span === null) return true;
  const [fromMs, toMs] = timeOfFinding(finding);
  return span.fromMs <= fromMs && toMs <= span.toMs;
}

/** Whether a proof of one scope looks at all that one of another looked at. */
export function contains({ lcu, span }: ProofScope, other: ProofScope): boolean {
  if (lcu !== null && other.lcu !== lcu) return false;
  return span === null || (other.span !== null && span.fromMs <= other.span.fromMs && other.span.toMs <= span.toMs);
}

/**
 * When what a finding is about was received, as near as it tells, wall time, ms: by row and key, of which a damaged row may have one wrong; the
 * whole of its month where it names none.
 */
export function timeOfFinding({ month, key, receivedAtMs }: TimedFinding): readonly [number, number] {
  const slotMs = key === undefined ? undefined : ledgerKeyParts(key).slot * SLOT_MS;
  const times = [receivedAtMs, slotMs, slotMs === undefined ? undefined : slotMs + SLOT_MS - 1].filter((ms) => ms !== undefined);
  if (times.length > 0) return [Math.min(...times), Math.max(...times)];
  const begin = Date.parse(`${month}-01T00:00:00Z`);
  if (Number.isNaN(begin)) return [-Infinity, Infinity];
  const end = new Date(begin);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return [begin, end.getTime() - 1];
}

/** What of a finding tells when. */
type TimedFinding = Pick<Finding, 'month' | 'key' | 'receivedAtMs'>;
