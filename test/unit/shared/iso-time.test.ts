import test from 'ava';
import { isoTime } from '@farola/shared';

test('writes a wall time in UTC to the second, and cuts the rest off', (t) => {
  t.is(isoTime(Date.UTC(2026, 10, 22, 18, 0, 0)), '2026-11-22T18:00:00Z');
  t.is(isoTime(Date.UTC(2026, 10, 22, 18, 0, 0, 999)), '2026-11-22T18:00:00Z');
  t.is(isoTime(0), '1970-01-01T00:00:00Z');
});

test('a time that no calendar has is a mistake of the program', (t) => {
  t.throws(() => isoTime(Number.MAX_SAFE_INTEGER), { instanceOf: RangeError });
});
