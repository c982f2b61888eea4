import { boundsOf } from '@farola/agent/journal/disk-room.js';
import test from 'ava';

const MB = 1_000_000;

for (const [what, free, total, expected] of [
  ['room', 16 * MB, 1_000 * MB, { acknowledged: 500 * MB, any: 500 * MB, isShort: false }],
  ['less than 16 MB', 16 * MB - 1, 1_000 * MB, { acknowledged: 100 * MB - 262_144, any: 500 * MB, isShort: true }],
  ['less than 4 MB', 4 * MB - 1, 1_000 * MB, { acknowledged: 100 * MB - 262_144, any: 100 * MB - 262_144, isShort: true }],
  ['a quarter of 8 MB', 2 * MB, 8 * MB, { acknowledged: 500 * MB, any: 500 * MB, isShort: false }],
  ['less than an eighth of 8 MB', MB - 1, 8 * MB, { acknowledged: 100 * MB - 262_144, any: 100 * MB - 262_144, isShort: true }],
] as const) {
  test(`a journal of 100 MB that may have 500, on a disk with ${what} left`, (t) => {
    t.deepEqual(boundsOf(500 * MB, 100 * MB, { free, total }), expected);
  });
}

test('a disk that cannot be looked at sets no bound, and a small file keeps most of what it has', (t) => {
  t.like(boundsOf(500 * MB, 100 * MB, undefined), { acknowledged: 500 * MB, isShort: false });
  t.is(boundsOf(500 * MB, 80_000, { free: 0, total: 1_000 * MB }).any, 70_000);
});
