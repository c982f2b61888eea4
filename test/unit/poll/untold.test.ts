import test from 'ava';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { isSaid, untold } from '@farola/collector/poll/untold.js';
import { type GapRecord, GAP_REASON, type OpenEpoch, WANT } from '@farola/shared';

const epochOf = (number: number): Uint8Array => new Uint8Array(8).fill(number);
const HEAD = new Uint8Array(32);
const gap = (epoch: number, from: number, to: number): GapRecord => [epochOf(epoch), from, to, HEAD, HEAD, GAP_REASON.evicted];
const nothing = (): EpochHolding => EpochHolding.EMPTY;
const listing = (...open: readonly [epoch: number, first: number, last: number][]): OpenEpoch[] =>
  open.map(([epoch, first, last]) => [epochOf(epoch), first, last]);
const holes = (...told: Parameters<typeof untold>): unknown[] =>
  untold(...told).map(([, epoch, after, before]) => [epoch[0], after + 1, before - 1]);

test('of each epoch the first hole below what is listed is told, as far as nothing tells it as gone', (t) => {
  const openEpochs = listing([1, 1, 9], [2, 7, 9], [3, 7, 6]);
  t.deepEqual(holes({ openEpochs, gaps: [] }, nothing), [
    [2, 1, 6],
    [3, 1, 6],
  ]);
  t.deepEqual(holes({ openEpochs, gaps: [gap(2, 1, 6), gap(3, 1, 2)] }, nothing), [[3, 3, 6]]);
  const held = (): EpochHolding => EpochHolding.EMPTY.with({ from: 1, to: 6, prev: HEAD, head: HEAD });
  t.deepEqual(holes({ openEpochs, gaps: [] }, held), []);
});

test('behind the epochs whose gaps fill the list nothing is told: an honest LCU could not list more', (t) => {
  const openEpochs = listing([1, 99, 99], [2, 99, 99], [3, 99, 99]);
  const full = Array.from({ length: 33 }, (_, i) => gap(2, 101 + i, 101 + i));
  t.deepEqual(holes({ openEpochs, gaps: full }, nothing), [
    [1, 1, 98],
    [2, 1, 98],
  ]);
  t.deepEqual(holes({ openEpochs, gaps: full.slice(1) }, nothing).length, 3);
});

test('a hole is said by an ack of its epoch that ends before it', (t) => {
  const hole = [WANT.range, epochOf(1), 4, 9] as const;
  t.true(isSaid([...hole], [[epochOf(1), 4, HEAD]]));
  t.true(isSaid([...hole], [[epochOf(1), 0, HEAD]]));
  t.false(isSaid([...hole], [[epochOf(1), 5, HEAD]]));
  t.false(isSaid([...hole], [[epochOf(2), 4, HEAD]]));
});
