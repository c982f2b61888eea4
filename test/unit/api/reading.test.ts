import test from 'ava';
import { dateSample } from '@farola/collector/api/date-sample.js';
import { ageOf, columnsOf, isStale, valuesOf } from '@farola/collector/api/reading.js';
import { type AnalyserRow, type ClockQuality, quantityByName, type SampleEntry, type SampleValue } from '@farola/shared';
import { analyser } from '../../fakes/test-chain.js';
import { readingSample } from '../../fakes/test-reading.js';

const RECEIVED_MS = Date.UTC(2026, 10, 22, 18);

function sample(wallMs: number, quality: ClockQuality): SampleEntry {
  return { kind: 'sample', at: { monoMs: 0, wallMs, quality }, analyser: 0, spanMs: 1, status: 'complete', values: [] };
}

test('dates a sample by the LCU clock when that was set, else by its age, else not', (t) => {
  const wallMs = RECEIVED_MS - 60_000;
  t.like(dateSample(sample(wallMs, 'synchronised'), { receivedAtMs: RECEIVED_MS, ageMs: 50_000 }), {
    takenAtMs: wallMs,
    dating: 'lcu-clock',
  });
  t.like(dateSample(sample(0, 'none'), { receivedAtMs: RECEIVED_MS, ageMs: 50_000 }), {
    takenAtMs: RECEIVED_MS - 50_000,
    dating: 'age',
  });
  t.like(dateSample(sample(7, 'none'), { receivedAtMs: RECEIVED_MS }), { takenAtMs: 7, dating: 'unknown', observedAtMs: null });
});

for (const wallMs of [Number.MAX_SAFE_INTEGER, RECEIVED_MS + 300_001]) {
  test(`does not believe an LCU clock that says ${wallMs}, and never gives a time that no calendar has`, (t) => {
    const dated = dateSample(sample(wallMs, 'synchronised'), { receivedAtMs: RECEIVED_MS });
    t.like(dated, { dating: 'unknown', takenAtMs: RECEIVED_MS });
    t.like(dateSample(sample(wallMs, 'rtc'), { receivedAtMs: RECEIVED_MS, ageMs: 1000 }), {
      dating: 'age',
      takenAtMs: RECEIVED_MS - 1000,
    });
  });
}

test('a value that was observed later than now has no age, and is stale: the clock of the collector went back', (t) => {
  const ahead = dateSample(sample(RECEIVED_MS, 'held'), { receivedAtMs: RECEIVED_MS, ageMs: 0 });
  t.is(ageOf(ahead, RECEIVED_MS), 0);
  t.is(ageOf(ahead, RECEIVED_MS - 1), undefined);
  t.true(isStale(ageOf(ahead, RECEIVED_MS - 1), 300_000));
});

test('calls a latest value stale after two rounds, by the collector clock alone', (t) => {
  const wrongClock = dateSample(sample(RECEIVED_MS - 86_400_000, 'held'), { receivedAtMs: RECEIVED_MS, ageMs: 0 });
  t.is(ageOf(wrongClock, RECEIVED_MS + 600_000), 600_000);
  t.false(isStale(600_000, 300_000));
  t.true(isStale(600_001, 300_000));
  t.true(isStale(undefined, 300_000));
});

const METER: AnalyserRow = {
  ...analyser(0, 'mains'),
  quantities: [quantityByName('voltageL1')!.id, 9999, quantityByName('currentL1')!.id],
};
const OF = readingSample({ takenAtMs: RECEIVED_MS, observedAtMs: RECEIVED_MS - 5 });
const read = (values: readonly SampleValue[]): SampleEntry => ({ ...sample(0, 'none'), values });

test('writes each value in the unit of its quantity, what is missing as null, and of an unknown quantity the integer', (t) => {
  const written = valuesOf(read([23_012, -7, null]), columnsOf(METER), OF);
  t.deepEqual(
    written.map(({ quantity, unit, value }) => ({ quantity, unit, value })),
    [
      { quantity: 'voltageL1', unit: 'V', value: '230.12' },
      { quantity: 'unknown-9999', unit: '?', value: '-7' },
      { quantity: 'currentL1', unit: 'A', value: null },
    ],
  );
  t.deepEqual(
    valuesOf(read([]), columnsOf(METER), OF).map(({ value }) => value),
    [null, null, null],
  );
});

test('writes of the quantities that are asked the values at their places', (t) => {
  const asked = columnsOf(METER, new Set(['currentL1', 'unknown-9999', 'frequency']));
  t.deepEqual(
    valuesOf(read([23_012, -7, 1234]), asked, OF).map(({ quantity, value }) => [quantity, value]),
    [
      ['unknown-9999', '-7'],
      ['currentL1', '1.234'],
    ],
  );
});

test('a value was asked at its own instant, and has the flags of its place', (t) => {
  const marks = {
    offsets: [
      { count: 1, ms: 0 },
      { count: 2, ms: 250 },
    ],
    flags: [
      { code: 4, places: [0] },
      { code: 77, places: [0, 2] },
    ],
  };
  const told = valuesOf({ ...read([23_012, -7, 1234]), spanMs: 400, marks }, columnsOf(METER), OF);
  t.deepEqual(
    told.map(({ takenAtMs, observedAtMs, flags }) => [takenAtMs - RECEIVED_MS, observedAtMs! - RECEIVED_MS, ...flags]),
    [
      [0, -5, 'voltage-band', 'flag-77'],
      [250, 245],
      [250, 245, 'flag-77'],
    ],
  );
});

test('security: a value that its LCU says was asked in a million years is told with a time that calendars have', (t) => {
  const marks = { offsets: [{ count: 3, ms: Number.MAX_SAFE_INTEGER }], flags: [] };
  const told = valuesOf({ ...read([1, 2, 3]), spanMs: Number.MAX_SAFE_INTEGER, marks }, columnsOf(METER), OF);
  t.deepEqual(
    told.map(({ takenAtMs }) => takenAtMs - RECEIVED_MS),
    [3_600_000, 3_600_000, 3_600_000],
  );
});

test('a sample of another meter has no values, whatever stands in it', (t) => {
  const told = valuesOf({ ...read([23_012, -7, 1234]), status: 'other-meter' }, columnsOf(METER), OF);
  t.deepEqual(
    told.map(({ value }) => value),
    [null, null, null],
  );
});
