import test from 'ava';
import { isoTime, isoTimeMs } from '@farola/shared';
import fc from 'fast-check';

test('writes a wall time in UTC to the second, and cuts the rest off', (t) => {
  t.is(isoTime(Date.UTC(2026, 10, 22, 18, 0, 0)), '2026-11-22T18:00:00Z');
  t.is(isoTime(Date.UTC(2026, 10, 22, 18, 0, 0, 999)), '2026-11-22T18:00:00Z');
  t.is(isoTime(0), '1970-01-01T00:00:00Z');
});

test('any time of the calendar is written as ECMA-262 has it', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (wallMs) => {
      t.is(isoTimeMs(wallMs), new Date(wallMs).toISOString());
    }),
    { examples: [[-8.64e15], [8.64e15], [-62_167_219_200_001], [-62_167_219_200_000], [253_402_300_800_000]] },
  );
});

test('a time that no calendar has is a mistake of the program', (t) => {
  t.throws(() => isoTime(Number.MAX_SAFE_INTEGER), { instanceOf: RangeError });
});
