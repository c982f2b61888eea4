import { dateSample } from '@farola/collector/api/date-sample.js';
import { CLOCK_TOLERANCE_MS, type Instant, isoTime } from '@farola/shared';
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

const at = (wallMs: number, quality: Instant['quality'] = 'synchronised'): { at: Instant } => ({
  at: { wallMs, monoMs: 1000, quality },
});
const HOUR_MS = 3_600_000;

test('a clock may be five minutes ahead of the receipt, and not a millisecond more', (t) => {
  const known = { receivedAtMs: RECEIVED_AT_MS };
  t.is(CLOCK_TOLERANCE_MS, 300_000);
  t.like(dateSample(at(RECEIVED_AT_MS + 300_000), known), { dating: 'lcu-clock', takenAtMs: RECEIVED_AT_MS + 300_000 });
  t.like(dateSample(at(RECEIVED_AT_MS + 300_001), known), { dating: 'unknown', takenAtMs: RECEIVED_AT_MS });
});

test('a clock may differ by five minutes from the age, and not by a millisecond more', (t) => {
  const known = { receivedAtMs: RECEIVED_AT_MS, ageMs: HOUR_MS };
  const truth = RECEIVED_AT_MS - HOUR_MS;
  for (const side of [-1, 1]) {
    t.like(dateSample(at(truth + side * 300_000), known), { dating: 'lcu-clock', takenAtMs: truth + side * 300_000 });
    t.like(dateSample(at(truth + side * 300_001), known), { dating: 'age', takenAtMs: truth });
  }
});

test('a contact or a clock of the boot that would date a sample behind the receipt counts up to five minutes', (t) => {
  for (const [name, dating] of [
    ['contact', 'age'],
    ['clock', 'later-clock'],
  ] as const) {
    const known = (aheadMs: number) => ({
      receivedAtMs: RECEIVED_AT_MS,
      anchors: { contact: undefined, clock: undefined, [name]: { monoMs: 0, wallMs: RECEIVED_AT_MS + aheadMs - 1000 } },
    });
    t.is(dateSample(at(0, 'none'), known(300_000)).dating, dating);
    t.is(dateSample(at(0, 'none'), known(300_001)).dating, 'unknown');
  }
});

for (const [side, sign] of [
  ['after', -1],
  ['before', 1],
] as const) {
  test(`a clock that says ${side === 'after' ? 'earlier' : 'later'} than the contact ${side === 'after' ? 'before' : 'behind'} it is not believed beyond five minutes`, (t) => {
    const contactMs = RECEIVED_AT_MS - HOUR_MS;
    const known = (byContact: boolean) => ({
      receivedAtMs: RECEIVED_AT_MS,
      bounds: () => ({ after: undefined, before: undefined, [side]: { wallMs: contactMs, monoMs: null, byContact } }),
    });
    t.is(dateSample(at(contactMs + sign * 300_000), known(true)).dating, 'lcu-clock');
    t.like(dateSample(at(contactMs + sign * 300_001), known(true)), { dating: 'unknown', takenAtMs: contactMs });
    t.is(dateSample(at(contactMs + sign * 300_001), known(false)).dating, 'lcu-clock', 'one clock disproves no other');
  });
}

test('a clock that was set later in the boot is not believed either where contacts around disprove it', (t) => {
  const contactMs = RECEIVED_AT_MS - HOUR_MS;
  const known = (offMs: number) => ({
    receivedAtMs: RECEIVED_AT_MS,
    anchors: { contact: undefined, clock: { monoMs: 0, wallMs: contactMs - 1000 + offMs } },
    bounds: () => ({ after: { wallMs: contactMs, monoMs: null, byContact: true }, before: undefined }),
  });
  t.like(dateSample(at(0, 'none'), known(-300_000)), { dating: 'later-clock', takenAtMs: contactMs - 300_000 });
  t.like(dateSample(at(0, 'none'), known(-300_001)), { dating: 'unknown', takenAtMs: contactMs });
});
