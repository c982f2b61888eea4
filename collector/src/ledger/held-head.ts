import type { OpenEpoch } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import type { HeldDetail } from './ledger.js';
import { clip, without } from './spans.js';

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

/** Entries that are looked at for one whose head is known: beyond so many a file with the bytes is away. */
const LOOKED_AT = 64;

/**
 * The highest entry of those that an LCU lists whose head is known of a chain; undefined when there is none, as where all that is
 * held there is a gap.
 * @param listed as an answer lists the epoch: with the first entry and the last
 */
export function knownUpTo([, first, last]: OpenEpoch, known: KnownEpoch): number | undefined {
  const { holding, tellsOutside } = known;
  const isKnown = (n: number): boolean => n >= first && n <= last && heldHead(n, known) !== undefined;
  const ends = holding.runs.flatMap(({ from, to }) => [from - 1, Math.min(to, last)]);
  const end = highest(ends, isKnown);
  if (first > last || (end === Math.min(last, holding.last) && !tellsOutside)) return end;
  const { told, byteless } = known.detail(first, Math.min(last, Number.MAX_SAFE_INTEGER));
  const heads = new Set(told.map(({ n }) => n).filter((n) => n >= first && n <= last));
  const withBytes = without(clip(holding.runs, first, last), byteless).map(({ to }) => to);
  return highest([...ends, ...heads, ...withBytes], (n) => heads.has(n) || isKnown(n));
}

function highest(candidates: readonly number[], isKnown: (n: number) => boolean): number | undefined {
  const descending = [...candidates].sort((a, b) => b - a);
  return descending.slice(0, LOOKED_AT).find(isKnown);
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
