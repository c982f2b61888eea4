import test from 'ava';
import type { Owed } from '@farola/collector/poll/owed-epochs.js';
import type { Session } from '@farola/collector/poll/session.js';
import type { OpenEpoch } from '@farola/shared';
import { UnfinishedWalks } from '@farola/collector/poll/unfinished-walks.js';

const epochOf = (number: number): Uint8Array => new Uint8Array(8).fill(number);

/** What a connection of an LCU has of its walks: from its present epoch on, before it was answered. */
function connection(
  lcuNo: number,
  present: number,
): {
  lcu: { lcuNo: number; lcuId: string };
  hello: Session['hello'];
  owed: readonly Owed[];
  hasResumed: boolean;
  openEpochs: readonly OpenEpoch[];
} {
  return {
    lcu: { lcuNo, lcuId: 'malaga-0042' },
    hello: { version: 1, lcuNonce: new Uint8Array(16), boot: new Uint8Array(16), epoch: epochOf(present) },
    openEpochs: [[epochOf(present), 1, 1]],
    owed: [{ epochs: [], at: epochOf(present), settled: false, passes: 0, walked: [] }],
    hasResumed: false,
  };
}

const settled = (present: number): Owed => ({ epochs: [], at: epochOf(present), settled: true, passes: 0, walked: [] });
const lacking = (at: number): Owed => ({
  epochs: [{ epoch: epochOf(at), n: 9, head: new Uint8Array(32) }],
  at: epochOf(at),
  settled: false,
  passes: 0,
  walked: [],
});

test('a walk that a connection left goes on in the next one of that LCU alone, once', (t) => {
  const walks = new UnfinishedWalks();
  walks.keep({ ...connection(1, 9), owed: [settled(9), lacking(4)] });
  const [next, other] = [connection(1, 10), connection(2, 10)];
  for (const one of [next, other, next]) walks.resume(one);
  t.deepEqual(next.owed.slice(1), [lacking(4)]);
  t.is(other.owed.length, 1);
});

test('a walk that came to its end is not kept', (t) => {
  const walks = new UnfinishedWalks();
  walks.keep({ ...connection(1, 9), owed: [lacking(4)] });
  walks.keep({ ...connection(1, 10), owed: [settled(10), settled(3)] });
  const next = connection(1, 11);
  walks.resume(next);
  t.is(next.owed.length, 1);
});

test('security: a walk that brings nothing is given up after eight connections', (t) => {
  const walks = new UnfinishedWalks();
  const left: number[] = [];
  for (let i = 0; i < 10; i++) {
    walks.keep({ ...connection(1, 9), owed: [settled(9), lacking(4)] });
    const next = connection(1, 10);
    walks.resume(next);
    left.push(next.owed.length - 1);
  }
  t.deepEqual(left.slice(0, 9), [1, 1, 1, 1, 1, 1, 1, 1, 0]);
});

test('a walk goes past what is whole until it comes to where one began before, of that LCU', (t) => {
  const walks = new UnfinishedWalks();
  const [first, other] = [connection(1, 9), connection(2, 9)];
  for (const one of [first, other]) {
    walks.resume(one);
    t.true((one.owed[0]?.passes ?? 0) > 10_000);
    t.deepEqual(one.owed[0]?.walked, []);
  }
  walks.keep({ ...first, owed: [settled(9)] });
  for (const present of [10, 9, 10]) {
    const next = connection(1, present);
    walks.resume(next);
    walks.keep({ ...next, owed: [settled(present)] });
  }
  const next = connection(1, 11);
  walks.resume(next);
  t.deepEqual(next.owed[0]?.walked, [epochOf(9), epochOf(10)]);
});

test('a first walk that a connection left goes on in the next one', (t) => {
  const walks = new UnfinishedWalks();
  const first = connection(1, 9);
  walks.resume(first);
  const left = { ...first.owed[0]!, at: epochOf(5), passes: 77 };
  walks.keep({ ...first, owed: [left] });
  const next = connection(1, 10);
  walks.resume(next);
  t.deepEqual(next.owed.slice(1), [left]);
});

test('connections that were not answered leave walks as they were, however many there are', (t) => {
  const walks = new UnfinishedWalks();
  for (let i = 0; i < 20; i++) {
    const silent = { ...connection(1, 10 + i), openEpochs: [] };
    walks.resume(silent);
    walks.keep(silent);
  }
  const first = connection(1, 40);
  walks.resume(first);
  t.true((first.owed[0]?.passes ?? 0) > 10_000, 'the first walk is still to come');
  walks.keep({ ...first, owed: [lacking(4)] });
  for (let i = 0; i < 20; i++) {
    const silent = { ...connection(1, 50 + i), openEpochs: [] };
    walks.resume(silent);
    t.deepEqual(silent.owed.slice(1), [lacking(4)]);
    walks.keep(silent);
  }
});

test('of an LCU that leaves more walks than are kept all epochs are walked along once more', (t) => {
  const walks = new UnfinishedWalks();
  walks.keep({ ...connection(1, 9), owed: Array.from({ length: 9 }, (_, at) => lacking(at)) });
  const next = connection(1, 99);
  walks.resume(next);
  t.is(next.owed.length, 1);
  t.true((next.owed[0]?.passes ?? 0) > 10_000);
});
