import { FarolaError, toHex } from '@farola/shared';
import { branchId, epochOf, isFirstBranch } from '../branch-id.js';
import { EpochHolding } from './epoch-holding.js';
import type { HeldRange } from './held-range.js';
import type { HeldDetail, SharedSpan } from './ledger.js';
import type { LedgerFile } from './sqlite-ledger-file.js';
import type { Piece } from './sqlite-ledger-reads.js';
import { rowHeads } from './sqlite-row-heads.js';
import { clip, type Span, without } from './spans.js';
import { onStore } from '../store/store-failure.js';

/**
 * How many chains of an epoch are stored. The newest file that names it names its branches.
 * @param files newest first
 */
export function branchesIn(files: Iterable<LedgerFile>, lcuNo: number, epoch: Uint8Array): number {
  for (const { path, reads } of files) {
    const count = onStore(path, () => {
      let named = 0;
      while (reads.epochNo.get(lcuNo, branchId(epoch, named)) !== undefined) named++;
      return named;
    });
    if (count > 0) return count;
  }
  return 1;
}

/**
 * What is stored of a chain and what it shares. The newest file that names it tells all: what older files hold was carried
 * into it.
 * @param files newest first
 */
export function holdingIn(files: Iterable<LedgerFile>, lcuNo: number, id: Uint8Array): EpochHolding {
  for (const file of files) {
    const holding = onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, id);
      return epochNo === undefined ? undefined : holdingOf(file, epochNo);
    });
    if (holding) return holding;
  }
  return EpochHolding.EMPTY;
}

/** The ids of all chains of an LCU. */
export function epochsIn(files: Iterable<LedgerFile>, lcuNo: number): readonly Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  for (const { path, reads } of files) {
    for (const id of onStore(path, () => reads.epochsOf.all(lcuNo))) found.set(toHex(id), id);
  }
  return [...found.values()];
}

/**
 * h(n) of a chain: computed where entry n or the next one is stored, with it or with the chain that it shares it with, else
 * as a gap record told it.
 * @param files newest first
 */
export function headIn(files: Iterable<LedgerFile>, lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined {
  const all = [...files];
  for (const file of all) {
    const head = onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, id);
      if (epochNo === undefined) return undefined;
      return ownedHead(file, epochNo, n) ?? file.told().head.get({ epochNo, n });
    });
    if (head) return head;
  }
  const shared = sharedIn(all, lcuNo, id).find(({ from, to }) => from - 1 <= n && n <= to);
  return shared && headIn(all, lcuNo, shared.source, n);
}

/**
 * h(n) as the entries tell it that the files hold for a chain itself; also of files that were not brought up.
 * @param files in any order
 */
export function ownHeadIn(files: Iterable<LedgerFile>, lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined {
  for (const file of files) {
    const head = onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, id);
      return epochNo === undefined ? undefined : ownedHead(file, epochNo, n);
    });
    if (head) return head;
  }
  return undefined;
}

/**
 * The entries that a branch shares with other chains of its epoch; none of a first chain.
 * @param files in any order
 */
export function sharedIn(files: Iterable<LedgerFile>, lcuNo: number, id: Uint8Array): SharedSpan[] {
  if (isFirstBranch(id)) return [];
  const shared: SharedSpan[] = [];
  for (const { path, reads } of files) {
    onStore(path, () => {
      const epochNo = reads.epochNo.get(lcuNo, id);
      if (epochNo === undefined) return;
      const epoch = epochOf(id);
      shared.push(...reads.shared.all(epochNo).map((span) => ({ ...span, source: branchId(epoch, span.source) })));
    });
  }
  return shared;
}

/**
 * What lies inside the runs of a chain. Gaps and bytes may be of different months: every file is asked.
 * @param files in any order
 */
export function detailIn(files: Iterable<LedgerFile>, lcuNo: number, id: Uint8Array, from: number, to: number): HeldDetail {
  const told = new Map<number, Uint8Array>();
  const gaps: Span[] = [];
  const owned: Span[] = [];
  const shared: Span[] = [];
  for (const file of files) {
    onStore(file.path, () => {
      const epochNo = file.reads.epochNo.get(lcuNo, id);
      if (epochNo === undefined) return;
      const reads = file.told();
      for (const { n, head } of reads.heads.all({ epochNo, from, to })) told.set(n, head);
      gaps.push(...reads.gaps.all({ epochNo, from, to }));
      owned.push(...reads.owned.all({ epochNo, from, to }));
      if (!isFirstBranch(id)) shared.push(...reads.shared.all({ epochNo, from, to }));
    });
  }
  const byteless = without(clip(gaps, from, to), [...owned, ...shared]);
  return { told: [...told].map(([n, head]) => ({ n, head })), byteless, shared };
}

function ownedHead(file: LedgerFile, epochNo: number, n: number): Uint8Array | undefined {
  return headFrom(file, epochNo, n, n) ?? headFrom(file, epochNo, n, n + 1);
}

/** h(n) of the row that owns entry `owned`, which is n or the one after it. */
function headFrom(file: LedgerFile, epochNo: number, n: number, owned: number): Uint8Array | undefined {
  const range = file.reads.rangeUpTo.get({ epochNo, n: owned });
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
