import type { OpenEpoch } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import type { HeldDetail } from './ledger.js';

/** What the collector knows of one chain of an epoch of one LCU. */
export interface KnownEpoch {
  readonly holding: EpochHolding;
  /** h(0). */
  readonly seed: Uint8Array;
  /** Whether heads may be told of entries outside the runs: so begins a branch that an answer without entries shows. */
  readonly tellsOutside: boolean;
  /** h(n) from the ledger (Ledger.headAt), asked only for an entry inside a run. */
  headAt(n: number): Uint8Array | undefined;
  /** See Ledger.detail; asked only where a run overlaps these entries, or heads may be told outside. */
  detail(from: number, to: number): HeldDetail;
}

/**
 * The highest entry of those that an LCU lists whose head is known at the end of what is held of a chain, or told; undefined
 * when there is none.
 * @param listed as an answer lists the epoch: with the first entry and the last
 */
export function knownUpTo([, first, last]: OpenEpoch, known: KnownEpoch): number | undefined {
  const ends = known.holding.runs.map((run) => Math.min(run.to, last)).filter((n, i) => n >= (known.holding.runs[i]?.from ?? 0));
  const told = known.tellsOutside ? known.detail(first, Math.min(last, Number.MAX_SAFE_INTEGER)).told.map(({ n }) => n) : [];
  const found = [...ends, ...told].filter((n) => n >= first && n <= last);
  return found.length === 0 ? undefined : Math.max(...found);
}

/** h(n) as the collector knows it; undefined where nothing is held, or where a gap came without bytes. */
export function heldHead(n: number, known: KnownEpoch): Uint8Array | undefined {
  if (n === 0) return known.seed;
  for (const run of known.holding.runs) {
    if (n < run.from - 1) return undefined;
    if (n === run.from - 1) return run.prev;
    if (n === run.to) return run.head;
    if (n < run.to) return known.headAt(n);
  }
  return undefined;
}
