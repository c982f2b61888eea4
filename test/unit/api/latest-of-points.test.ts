import test from 'ava';
import { byPoint, type GroupReading } from '@farola/collector/api/latest-of-points.js';
import type { HeldSample } from '@farola/collector/fleet/derived-state.js';
import { testReading, type ToldValue } from '../../fakes/test-reading.js';

const NOW_MS = Date.UTC(2026, 10, 22, 18);
const [FIRST, SECOND] = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)];

const volts = (value: string): ToldValue => ({ quantity: 'voltageL1', unit: 'V', value });
const thd = (value: string): ToldValue => ({ quantity: 'thdVoltageL1', unit: '%', value });

/** The newest sample of a scan group, so many seconds old. */
function group(epoch: Uint8Array, n: number, seconds: number, values: readonly ToldValue[], point = 'plaza/main'): GroupReading {
  const ageMs = seconds * 1_000;
  const held: HeldSample = { lcuNo: 0, epoch, n, analyser: n, entry: epoch, receivedAtMs: NOW_MS, ageMs, ageLost: false };
  const times = { takenAtMs: NOW_MS - ageMs, observedAtMs: NOW_MS - ageMs };
  return { reading: { ...testReading({ ...times, n, values }), point }, held };
}

const told = (readings: ReturnType<typeof byPoint>): unknown[] =>
  readings.map(({ point, n, values }) => [point, n, ...values.map((one) => [one.quantity, one.value, one.sample.n].join(' '))]);

test('the groups of a measuring point are one reading, the newest of them, and each value has its own sample', (t) => {
  const groups = [group(FIRST, 9, 700, [thd('1.2')]), group(FIRST, 30, 20, [volts('230.1')])];
  t.deepEqual(told(byPoint(groups, () => null)), [['plaza/main', 30, 'thdVoltageL1 1.2 9', 'voltageL1 230.1 30']]);
});

test('groups of other points stay apart, in their order', (t) => {
  const groups = [
    group(FIRST, 1, 1, [volts('1')]),
    group(FIRST, 2, 1, [volts('2')], 'plaza/park'),
    group(FIRST, 3, 1, [thd('3')]),
  ];
  t.deepEqual(told(byPoint(groups, () => null)), [
    ['plaza/main', 3, 'voltageL1 1 1', 'thdVoltageL1 3 3'],
    ['plaza/park', 2, 'voltageL1 2 2'],
  ]);
});

test('of a quantity that a group of an epoch before names as well, the newer epoch tells, whatever the clocks say', (t) => {
  const groups = [group(SECOND, 5, 60, [volts('230.1')]), group(FIRST, 90, 30, [volts('229.0'), thd('1.2')])];
  const previous = (epoch: Uint8Array): Uint8Array | null => (epoch === SECOND ? FIRST : null);
  t.deepEqual(told(byPoint(groups, previous)), [['plaza/main', 5, 'voltageL1 230.1 5', 'thdVoltageL1 1.2 90']]);
  t.deepEqual(told(byPoint(groups.toReversed(), previous)), [['plaza/main', 5, 'voltageL1 230.1 5', 'thdVoltageL1 1.2 90']]);
});
