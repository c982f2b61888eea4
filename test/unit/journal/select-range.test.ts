import type { EpochState, StoredEntry } from '@farola/agent/journal/epoch-state.js';
import type { Selection } from '@farola/agent/journal/journal.js';
import { type RangeSource, selectRange as select } from '@farola/agent/journal/select-range.js';
import { chainHead, chainNext, chainSeed, encodeItems, LIMITS, sameBytes, WANT, type Want } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../shared/runs.js';

const EPOCH = new Uint8Array(8).fill(1);
const UNKNOWN = new Uint8Array(8).fill(9);

/** An epoch in memory whose entries have these sizes; the first `floor` are gone. */
function epochOf(sizes: readonly number[], floor = 0) {
  let head = chainSeed('malaga-0042', EPOCH);
  const heads = [head];
  const entries: StoredEntry[] = sizes.map((size, index) => {
    const bytes = new Uint8Array(size).fill(index);
    head = chainNext(head, bytes);
    heads.push(head);
    return { n: index + 1, bytes, head };
  });
  const present: EpochState = {
    id: 1,
    epoch: EPOCH,
    floor,
    floorHead: heads[floor]!,
    acked: floor,
    last: sizes.length,
    head,
    gapFrom: null,
    gapPrev: null,
    end: 0,
    disagreed: null,
  };
  const source: RangeSource = {
    present,
    find: () => undefined,
    read(_epoch, after, before, order) {
      const found = entries.filter(({ n }) => n > floor && n > after && n < before);
      return order === 'ascending' ? found : found.reverse();
    },
    evidence: (epoch) => ({
      epoch,
      spans: [],
      rowAt: (n) => entries[n - 1],
      rowBefore: (n) => (n > 1 ? Math.min(n - 1, entries.length) : undefined),
      rowsFrom: (n) => entries.slice(n - 1),
      lastHead: () => undefined,
    }),
  };
  return { source, heads };
}

function selectRange(want: Want, source: RangeSource): Selection {
  const selected = select(want, source);
  if ('unsoundAt' in selected) throw new Error(`entry ${selected.unsoundAt} is not proven`);
  return selected;
}

const small = (count: number): number[] => Array<number>(count).fill(50);

test('newest gives all entries after n when they fit', (t) => {
  const { source, heads } = epochOf(small(100));
  const range = selectRange([WANT.newest, EPOCH, 40], source);
  t.like(range, { from: 41, to: 100, prev: heads[40], head: heads[100] });
  t.is(range.entries.length, 60);
});

test('newest gives the last entries when not all fit', (t) => {
  const { source } = epochOf(small(1_000));
  const range = selectRange([WANT.newest, EPOCH, 0], source);
  t.like(range, { from: 1_000 - LIMITS.answerEntries + 1, to: 1_000 });
});

test('a range gives the first entries that fit', (t) => {
  const { source, heads } = epochOf(small(1_000));
  const range = selectRange([WANT.range, EPOCH, 10, 900], source);
  t.like(range, { from: 11, to: 10 + LIMITS.answerEntries, prev: heads[10] });
});

test('a range ends before its end', (t) => {
  const { source } = epochOf(small(20));
  t.like(selectRange([WANT.range, EPOCH, 4, 7], source), { from: 5, to: 6 });
  t.like(selectRange([WANT.range, EPOCH, 18, 400], source), { from: 19, to: 20 });
});

test('nothing newer gives the empty range at the end', (t) => {
  const { source, heads } = epochOf(small(5));
  t.like(selectRange([WANT.newest, EPOCH, 5], source), { from: 6, to: 5, prev: heads[5], head: heads[5], entries: [] });
  t.like(selectRange([WANT.newest, EPOCH, 8], source), { from: 6, to: 5 });
});

test('an epoch that is not there gives the empty range at the end of the present one', (t) => {
  const { source, heads } = epochOf(small(5));
  for (const want of [[WANT.newest, UNKNOWN, 2] as const, [WANT.range, UNKNOWN, 2, 4] as const]) {
    t.like(selectRange([...want], source), { from: 6, to: 5, head: heads[5], entries: [] });
  }
});

test('what is gone is left out', (t) => {
  const { source, heads } = epochOf(small(50), 30);
  t.like(selectRange([WANT.newest, EPOCH, 0], source), { from: 31, to: 50, prev: heads[30] });
  t.like(selectRange([WANT.range, EPOCH, 0, 40], source), { from: 31, to: 39 });
  t.like(selectRange([WANT.range, EPOCH, 5, 20], source), { from: 31, to: 30, head: heads[30], entries: [] });
});

test('an empty or turned range gives nothing', (t) => {
  const { source, heads } = epochOf(small(9));
  t.like(selectRange([WANT.range, EPOCH, 5, 6], source), { from: 6, to: 5, prev: heads[5], entries: [] });
  t.like(selectRange([WANT.range, EPOCH, 5, 2], source), { from: 6, to: 5, prev: heads[5], entries: [] });
  t.like(selectRange([WANT.range, EPOCH, 2 ** 53 - 1, 2 ** 53 - 1], source), { from: 10, to: 9, entries: [] });
});

test('every selection keeps the bounds of an answer, proves itself, and could not be longer', (t) => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: LIMITS.entryBytes })), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(sizes, fc.nat(400), fc.nat(400), fc.nat(400), fc.boolean(), (all, gone, after, before, newest) => {
      const floor = Math.min(gone, all.length);
      const { source, heads } = epochOf(all, floor);
      const range = selectRange(newest ? [WANT.newest, EPOCH, after] : [WANT.range, EPOCH, after, before], source);
      const { from, to, entries } = range;
      t.is(to - from + 1, entries.length);
      t.true(entries.length <= LIMITS.answerEntries && encodeItems(entries).length <= LIMITS.answerEntryBytes);
      t.true(sameBytes(range.prev, heads[from - 1]!) && sameBytes(range.head, heads[to]!));
      t.true(sameBytes(chainHead(range.prev, entries), range.head));
      const end = newest ? all.length : Math.min(before - 1, all.length);
      const next = newest ? from - 1 : to + 1;
      const wanted = next > Math.max(after, floor) && next <= end;
      if (entries.length === 0 || !wanted) return;
      const more = [...entries, new Uint8Array(all[next - 1]!)];
      t.true(more.length > LIMITS.answerEntries || encodeItems(more).length > LIMITS.answerEntryBytes - 3);
    }),
    runs(200),
  );
});
