import { dateSample } from '@farola/collector/api/date-sample.js';
import { CLOCK_TOLERANCE_MS, isoTime } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../shared/runs.js';

const RECEIVED_AT_MS = Date.UTC(2026, 10, 22);

/** What an LCU can sign for a clock, odd values often. */
const ms = fc.oneof(
  fc.constantFrom(0, RECEIVED_AT_MS, 8.64e15, 8.64e15 + 1, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
);
const anchor = fc.option(fc.record({ monoMs: ms, wallMs: fc.constantFrom(0, RECEIVED_AT_MS) }), { nil: undefined });
const bound = fc.option(
  fc.record({ wallMs: fc.constantFrom(0, RECEIVED_AT_MS), monoMs: fc.option(ms), byContact: fc.boolean() }),
  { nil: undefined },
);

test('whatever clocks an LCU signs, each of its samples has a date from 1970 to its receipt', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.record({ wallMs: ms, monoMs: ms, quality: fc.constantFrom('none', 'held', 'synchronised', 'rtc') }),
        fc.option(ms, { nil: undefined }),
        fc.record({ contact: anchor, clock: anchor }),
        fc.record({ after: bound, before: bound }),
        (at, ageMs, anchors, bounds) => {
          const known = { receivedAtMs: RECEIVED_AT_MS, ageMs, anchors, bounds: () => bounds };
          const { takenAtMs, observedAtMs, notBeforeMs, notAfterMs } = dateSample({ at }, known);
          for (const one of [takenAtMs, observedAtMs, notBeforeMs, notAfterMs]) {
            if (one === null) continue;
            isoTime(one);
            if (one < 0 || one > RECEIVED_AT_MS + CLOCK_TOLERANCE_MS) throw new RangeError(String(one));
          }
        },
      ),
      runs(2000),
    ),
  );
});
