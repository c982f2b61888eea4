import type { EpochState } from '@farola/agent/journal/epoch-state.js';
import { judgeAck } from '@farola/agent/journal/judge-ack.js';
import test from 'ava';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const EPOCH: EpochState = {
  id: 1,
  epoch: new Uint8Array(8),
  floor: 10,
  floorHead: hash(10),
  acked: 15,
  last: 20,
  head: hash(20),
  gapFrom: null,
  gapPrev: null,
  end: 0,
  disagreed: null,
};

const judge = (n: number, theirs = hash(n), epoch = EPOCH) => judgeAck(epoch, [epoch.epoch, n, theirs], hash);

test('an ack with our hash allows what is up to it to go', (t) => {
  t.deepEqual(judge(18), { agrees: true, acked: 18, gapClosed: false, released: false });
  t.deepEqual(judge(20), { agrees: true, acked: 20, gapClosed: false, released: false });
});

test('an ack with another hash allows nothing', (t) => {
  t.deepEqual(judge(18, hash(99)), { agrees: false });
  t.deepEqual(judge(10, hash(99)), { agrees: false });
});

test('an ack beyond our last entry allows nothing', (t) => {
  t.deepEqual(judge(21), { agrees: false });
});

test('a lower ack than before makes what is above it unacknowledged again', (t) => {
  t.deepEqual(judge(12), { agrees: true, acked: 12, gapClosed: false, released: false });
});

test('an ack below what is gone keeps all that is left', (t) => {
  t.like(judge(3), { agrees: true, acked: 10, gapClosed: false });
});

test('what an ack lacks of what is gone was released, unless a gap tells it', (t) => {
  const gapped = { ...EPOCH, gapFrom: 5, gapPrev: hash(4) };
  const released = (n: number, epoch = EPOCH): boolean => {
    const judged = judge(n, hash(n), epoch);
    return judged.agrees && judged.released;
  };
  t.deepEqual(
    [0, 3, 9, 10].map((n) => released(n)),
    [true, true, true, false],
  );
  t.deepEqual(
    [3, 4, 9].map((n) => released(n, gapped)),
    [true, false, false],
  );
});

test('an ack at or beyond the end of a gap closes it, one before it does not', (t) => {
  const gapped = { ...EPOCH, gapFrom: 4, gapPrev: hash(3) };
  t.deepEqual(judge(10, hash(10), gapped), { agrees: true, acked: 10, gapClosed: true, released: false });
  t.deepEqual(judge(12, hash(12), gapped), { agrees: true, acked: 12, gapClosed: true, released: false });
  t.deepEqual(judge(9, hash(9), gapped), { agrees: true, acked: 10, gapClosed: false, released: false });
});
