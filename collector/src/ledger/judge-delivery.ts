import { type Facts, type GapRecord, type OpenEpoch, type Result, sameBytes } from '@farola/shared';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import { knownUpTo } from './held-head.js';
import { type JudgedRange, judgeRange, type ProvenRange } from './judge-range.js';
import type { SharedRange, ToldHead } from './ledger.js';
import { type PlacedRange, placeRange, type UnitChains } from './place-range.js';
import { GapTaker } from './take-gaps.js';

/** What one answer delivers: a range with its entries, and gaps of any epoch without. */
export interface Delivery {
  readonly lcuId: string;
  readonly range: ProvenRange;
  readonly gaps: readonly GapRecord[];
  /** What the LCU has of which epochs, as the answer lists it. */
  readonly openEpochs: readonly OpenEpoch[];
}

/** A range or a gap record that contradicts all that was known of its epoch. */
export interface FoundFork {
  readonly epoch: Uint8Array;
  /** Of `chain-fork`. */
  readonly facts: Facts;
}

/** What the ledger keeps of a delivery. */
export interface JudgedDelivery extends JudgedRange {
  /** Of the chain of its epoch that the range goes to (branch-id.ts). */
  readonly id: Uint8Array;
  /** What branches are now known to share with other chains of their epoch. */
  readonly shares: readonly SharedRange[];
  /** The gaps that are new, cut to what is not held, with the ids of their chains. */
  readonly gaps: readonly GapRecord[];
  /** Heads that runs do not tell: the ends of gaps inside what is held, for one. By the ids of their chains. */
  readonly told: readonly ToldHead[];
  /** Of the epochs that are forked, the chains that the unit can be of. */
  readonly units: readonly UnitChains[];
  /** What begins a branch, and gaps that are not taken: the LCU tells these with every answer, also with good ranges. */
  readonly forks: readonly FoundFork[];
}

/**
 * Judges the range of an answer and then its gaps, each against what is held with the ones before it. What contradicts all
 * that is held of its epoch begins a branch of it, where there is room. Codes, of the range: `chain-fork`; of a gap that is
 * none: `message-invalid`.
 */
export function judgeDelivery(delivery: Delivery, held: HeldByLcu): Result<JudgedDelivery> {
  const { lcuId, range, gaps, openEpochs } = delivery;
  if (held.branchesOf(range.epoch) === 1) {
    const judged = judgeRange(range, new HeldChain(lcuId, range.epoch, held.holdingOf(range.epoch), held));
    if (judged.ok) return withGaps(gaps, onOnlyChain(range.epoch, judged.value), delivery, held);
  }
  const listed = openEpochs.find(([epoch]) => sameBytes(epoch, range.epoch));
  const placed = placeRange(range, lcuId, held, (chain) => listed !== undefined && knownUpTo(listed, chain) !== undefined);
  return placed.ok ? withGaps(gaps, onBranch(range.epoch, placed.value), delivery, held) : placed;
}

/** Most answers have none: they share this. */
const NONE: readonly never[] = [];

function onOnlyChain(epoch: Uint8Array, { first, base, adds }: JudgedRange): JudgedDelivery {
  return { id: epoch, first, base, adds, shares: NONE, units: NONE, gaps: NONE, told: NONE, forks: NONE };
}

function onBranch(epoch: Uint8Array, { id, first, base, adds, shares, told, unit, fork }: PlacedRange): JudgedDelivery {
  const forks = fork ? [{ epoch, facts: fork }] : NONE;
  return { id, first, base, adds, shares, units: [unit], gaps: NONE, told, forks };
}

function withGaps(
  gaps: readonly GapRecord[],
  judged: JudgedDelivery,
  delivery: Delivery,
  held: HeldByLcu,
): Result<JudgedDelivery> {
  if (gaps.length === 0) return { ok: true, value: judged };
  const taking = new GapTaker(delivery, judged, held);
  for (const gap of gaps) {
    const refusal = taking.take(gap);
    if (refusal) return refusal;
  }
  return { ok: true, value: taking.judged };
}
