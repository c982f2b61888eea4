import { type ErrorCode, type Facts, peekEntry, type PreviousEpoch, sameBytes, toHex } from '@farola/shared';
import type { Successor } from '../fleet/derived-state.js';
import type { EpochHolding } from '../ledger/epoch-holding.js';
import type { HeldRange } from '../ledger/held-range.js';

/** Entries that an LCU may have forgotten without being taken out of service, ms of its own clock (DESIGN section 4). */
export const WENT_BACK_MS = 300_000;

/**
 * Epochs that may follow the same one beside a new one without being grave by that alone. An SD card that loses its last
 * writes at each power cut makes one or two; an LCU that makes more without end would have each new one held against all.
 */
export const SIBLINGS = 8;

/** New entries of one epoch, or a new gap of it. */
export interface Delivered {
  readonly epoch: Uint8Array;
  readonly adds: readonly HeldRange[];
  /** What the start entry of the epoch names, if it is known: from these entries or from those stored. */
  readonly start: { readonly previous: PreviousEpoch | null; readonly atMs: number } | undefined;
  /** Whether the start entry is among the new entries. */
  readonly startIsNew: boolean;
  /** h(n) as this delivery tells it; undefined where it does not. */
  readonly headAt: (n: number) => Uint8Array | undefined;
}

/** What is stored of one LCU under its present key. */
export interface KnownLineage {
  holdingOf(epoch: Uint8Array): EpochHolding;
  /** h(n), undefined where it is not known. */
  headAt(epoch: Uint8Array, n: number): Uint8Array | undefined;
  /** The bytes of an entry, undefined where they are not stored. */
  entryAt(epoch: Uint8Array, n: number): Uint8Array | undefined;
  /** The epochs that name this one as the epoch before, the newest `SIBLINGS` + 1; null: those that name none. */
  successorsOf(epoch: Uint8Array | null): readonly Successor[];
  /** What the start entry of an epoch names as the epoch before; null: none; undefined: it is not stored. */
  previousOf(epoch: Uint8Array): PreviousEpoch | null | undefined;
}

/** What the epochs of an LCU say against each other. */
export interface LineageFinding {
  readonly code: Extract<ErrorCode, 'state-went-back' | 'branch-delivers' | 'chain-fork'>;
  readonly facts: Facts;
  /** Whether the LCU is to be quarantined. */
  readonly grave: boolean;
  /** The epoch that is in doubt. */
  readonly epoch: Uint8Array;
}

/**
 * Holds new entries against the line of epochs that an honest LCU leaves: each begins where the one before ended, and
 * what has ended delivers nothing more. An epoch that begins before the end of what is stored has forgotten it: an SD
 * card that lost its last writes, a restored image, a clone. Undefined when all is well.
 */
export function judgeLineage(delivered: Delivered, known: KnownLineage): LineageFinding | undefined {
  return (delivered.startIsNew ? judgeStart(delivered, known) : undefined) ?? judgeEnd(delivered, known);
}

function judgeStart({ epoch, start }: Delivered, known: KnownLineage): LineageFinding | undefined {
  if (!start) return undefined;
  const { previous } = start;
  const held = previous && previous.n > 0 ? known.headAt(previous.epoch, previous.n) : undefined;
  if (previous && held && !sameBytes(held, previous.head)) {
    return forkAt(previous.epoch, previous.n);
  }
  const siblings = known.successorsOf(previous?.epoch ?? null).filter((one) => !sameBytes(one.epoch, epoch));
  const isBeyondCount = siblings.length > SIBLINGS;
  const forgotten = isBeyondCount ? [Infinity] : [...forgottenTail(previous, known), ...forgottenBranches(siblings, known)];
  if (forgotten.length === 0) return undefined;
  const lostMs = forgotten.reduce((sum, ms) => sum + ms, 0);
  return wentBack(epoch, { previous: previous ? toHex(previous.epoch) : 'none', n: previous?.n ?? 0 }, lostMs);
}

/** An LCU goes on in an epoch after entry n of another or the same one, and has forgotten what is stored beyond. */
export function wentBack(epoch: Uint8Array, after: { previous: string; n: number }, lostMs: number): LineageFinding {
  const lost = Number.isFinite(lostMs) ? `${lostMs} ms` : 'an unknown length';
  return { code: 'state-went-back', facts: { epoch: toHex(epoch), ...after, lost }, grave: lostMs > WENT_BACK_MS, epoch };
}

/** What is stored of the epoch before beyond the entry that the new one names as its last, ms. */
function forgottenTail(previous: PreviousEpoch | null, known: KnownLineage): number[] {
  if (!previous) return [];
  const { last } = known.holdingOf(previous.epoch);
  return last > previous.n ? [spanMs(previous.epoch, previous.n, last, known)] : [];
}

/** What is stored of other epochs that follow the same one, ms; those that go on in further ones count as unknown. */
function forgottenBranches(siblings: readonly Successor[], known: KnownLineage): number[] {
  return siblings.map(({ epoch }) => {
    if (known.successorsOf(epoch).length > 0) return Infinity;
    return spanMs(epoch, 0, known.holdingOf(epoch).last, known);
  });
}

/** Time between two entries of an epoch by its monotonic clock, ms; infinite where one is not stored. */
export function spanMs(epoch: Uint8Array, afterN: number, last: number, known: Pick<KnownLineage, 'entryAt'>): number {
  const [first, end] = [known.entryAt(epoch, Math.max(1, afterN)), known.entryAt(epoch, last)];
  return first && end ? Math.max(0, peekEntry(end).monoMs - peekEntry(first).monoMs) : Infinity;
}

/** The end of an epoch as another one names it, with another head than it has. */
function forkAt(epoch: Uint8Array, n: number): LineageFinding {
  return { code: 'chain-fork', facts: { from: n, to: n, epoch: toHex(epoch), at: n }, grave: true, epoch };
}

function judgeEnd({ epoch, adds, start, headAt }: Delivered, known: KnownLineage): LineageFinding | undefined {
  const to = adds.at(-1)?.to ?? 0;
  const successors = known.successorsOf(epoch);
  for (const { epoch: later, afterN } of successors) {
    const head = headAt(afterN);
    const named = head && known.previousOf(later)?.head;
    if (named && !sameBytes(head, named)) return forkAt(epoch, afterN);
  }
  const ends = successors.map(({ afterN }) => afterN);
  const siblings = start ? known.successorsOf(start.previous?.epoch ?? null) : [];
  if (start && siblings.some((one) => !sameBytes(one.epoch, epoch) && one.atMs > start.atMs)) {
    ends.push(known.holdingOf(epoch).last);
  }
  const n = Math.min(...ends);
  if (to <= n) return undefined;
  return { code: 'branch-delivers', facts: { epoch: toHex(epoch), n, to }, grave: true, epoch };
}
