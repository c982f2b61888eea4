import { FarolaError } from '@farola/shared';
import { EpochHolding } from './epoch-holding.js';
import type { HeldRange } from './held-range.js';
import type { HeldDetail } from './ledger.js';
import type { LedgerFile } from './sqlite-ledger-file.js';
import type { Piece } from './sqlite-ledger-reads.js';
import { rowHeads } from './sqlite-row-heads.js';
import { clip, type Span, without } from './spans.js';
import { onStore } from './store-failure.js';

/**
 * What is stored of an epoch. The newest file that names it tells all: what older files hold was carried into it.
 * @param files newest first
 */
export function holdingIn(files: Iterable<LedgerFile>, lcuNo: number, epoch: Uint8Array): EpochHolding {
  for (const file of files) {
    const holding = onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, epoch);
      return epochNo === undefined ? undefined : holdingOf(file, epochNo);
    });
    if (holding) return holding;
  }
  return EpochHolding.EMPTY;
}

/**
 * h(n) of an epoch: computed where entry n or the next one is stored, else as a gap record told it.
 * @param files newest first
 */
export function headIn(files: Iterable<LedgerFile>, lcuNo: number, epoch: Uint8Array, n: number): Uint8Array | undefined {
  for (const file of files) {
    const head = onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, epoch);
      if (epochNo === undefined) return undefined;
      return ownedHead(file, epochNo, n) ?? file.told().head.get({ epochNo, n });
    });
    if (head) return head;
  }
  return undefined;
}

/**
 * What lies inside the runs of an epoch. Gaps and bytes may be of different months: every file is asked.
 * @param files in any order
 */
export function detailIn(files: Iterable<LedgerFile>, lcuNo: number, epoch: Uint8Array, from: number, to: number): HeldDetail {
  const told = new Map<number, Uint8Array>();
  const gaps: Span[] = [];
  const owned: Span[] = [];
  for (const file of files) {
    onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, epoch);
      if (epochNo === undefined) return;
      const reads = file.told();
      for (const { n, head } of reads.heads.all({ epochNo, from, to })) told.set(n, head);
      gaps.push(...reads.gaps.all({ epochNo, from, to }));
      owned.push(...reads.owned.all({ epochNo, from, to }));
    });
  }
  return { told: [...told].map(([n, head]) => ({ n, head })), byteless: without(clip(gaps, from, to), owned) };
}

function ownedHead(file: LedgerFile, epochNo: number, n: number): Uint8Array | undefined {
  return headFrom(file, epochNo, n, n) ?? headFrom(file, epochNo, n, n + 1);
}

/** h(n) of the row that owns entry `owned`, which is n or the one after it. */
function headFrom(file: LedgerFile, epochNo: number, n: number, owned: number): Uint8Array | undefined {
  const range = file.reads.rangeUpTo.get(epochNo, owned);
  return range && range.to_n >= owned ? headInRow(file, range.key, n) : undefined;
}

function headInRow({ path, reads }: LedgerFile, key: number, n: number): Uint8Array {
  const row = reads.row.get(key);
  const head = row && rowHeads(path, row)[n - row.first_n + 1];
  if (!head) throw new FarolaError('ledger-corrupt', { path, reason: `row ${key} does not hold entry ${n}` });
  return head;
}

function holdingOf(file: LedgerFile, epochNo: number): EpochHolding {
  let holding = EpochHolding.EMPTY;
  for (const run of runsOf(file, file.reads.pieces.all({ epochNo }))) holding = holding.with(run);
  return holding;
}

/** Pieces that meet are one run, of which only the outer ends matter. Bytes may have come for what was a gap. */
function* runsOf(file: LedgerFile, pieces: readonly Piece[]): Generator<HeldRange> {
  let first = pieces[0];
  let last = first;
  let ownedTo = 0;
  for (const piece of pieces) {
    if (!first || !last) return;
    if (piece.key !== null) {
      if (piece.from_n <= ownedTo) {
        throw new FarolaError('ledger-corrupt', { path: file.path, reason: `entry ${piece.from_n} is owned twice` });
      }
      ownedTo = piece.to_n;
    }
    if (piece.from_n > last.to_n + 1) {
      yield runOf(file, first, last);
      first = piece;
      last = piece;
    } else if (piece.to_n > last.to_n) last = piece;
  }
  if (first && last) yield runOf(file, first, last);
}

function runOf(file: LedgerFile, first: Piece, last: Piece): HeldRange {
  return {
    from: first.from_n,
    to: last.to_n,
    prev: first.prev ?? headInRow(file, first.key as number, first.from_n - 1),
    head: last.head ?? headInRow(file, last.key as number, last.to_n),
  };
}
