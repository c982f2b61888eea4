import test from 'ava';
import { type IntervalKind, intervalsBetween } from '@farola/collector/aggregate/intervals.js';
import { isTimeZone, ZoneClock } from '@farola/collector/aggregate/zone-clock.js';
import { parseSpanIn } from '@farola/collector/cli/parse-time.js';

const HOUR_MS = 3_600_000;
const hours = (kind: IntervalKind, zone: string, from: string, to: string): number[] =>
  intervalsBetween(kind, new ZoneClock(zone), Date.parse(from), Date.parse(to)).map(
    ({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS,
  );
const written = (kind: IntervalKind, zone: string, from: string, to: string): string[] => {
  const clock = new ZoneClock(zone);
  return intervalsBetween(kind, clock, Date.parse(from), Date.parse(to)).map(({ fromMs }) => clock.write(fromMs));
};

test('names of the IANA database are time zones, anything else is not', (t) => {
  for (const zone of ['Europe/Madrid', 'Atlantic/Canary', 'UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Etc/GMT+5'])
    t.true(isTimeZone(zone), zone);
  for (const zone of ['', 'Madrid', 'Europe/Atlantis', '+02:00', '+01:07', 'Europe/Madrid ', '../UTC'])
    t.false(isTimeZone(zone), zone);
});

for (const [zone, from, to, lengths] of [
  ['Europe/Madrid', '2026-03-28T12:00Z', '2026-03-30T12:00Z', [24, 23, 24]],
  ['Europe/Madrid', '2026-10-24T12:00Z', '2026-10-26T12:00Z', [24, 25, 24]],
  ['Australia/Lord_Howe', '2026-04-04T13:30Z', '2026-04-04T14:00Z', [24.5]],
  ['America/Santiago', '2026-09-06T12:00Z', '2026-09-06T14:00Z', [23]],
  ['Asia/Kathmandu', '2026-09-06T12:00Z', '2026-09-06T14:00Z', [24]],
] as const) {
  test(`days from ${from} in ${zone} have ${lengths.join(', ')} hours`, (t) => {
    t.deepEqual(hours('day', zone, from, to), [...lengths]);
  });
}

test('the hour that comes twice is two, the one that is left out is none', (t) => {
  t.deepEqual(written('hour', 'Europe/Madrid', '2026-10-24T23:30Z', '2026-10-25T02:30Z'), [
    '2026-10-25T01:00+02:00',
    '2026-10-25T02:00+02:00',
    '2026-10-25T02:00+01:00',
    '2026-10-25T03:00+01:00',
  ]);
  t.deepEqual(written('hour', 'Europe/Madrid', '2026-03-29T00:30Z', '2026-03-29T02:00Z'), [
    '2026-03-29T01:00+01:00',
    '2026-03-29T03:00+02:00',
  ]);
});

test('hours are those of the zone where it is not whole hours from UTC', (t) => {
  t.deepEqual(written('hour', 'Asia/Kathmandu', '2026-01-01T00:00Z', '2026-01-01T01:00Z'), [
    '2026-01-01T05:00+05:45',
    '2026-01-01T06:00+05:45',
  ]);
});

test('months are those of the calendar, and one of them is longer by an hour', (t) => {
  t.deepEqual(hours('month', 'Europe/Madrid', '2026-02-10T00:00Z', '2026-04-10T00:00Z'), [28 * 24, 31 * 24 - 1, 30 * 24]);
});

test('a date is its midnight in the zone, also where midnight is left out', (t) => {
  const now = Date.parse('2026-12-01T00:00Z');
  const span = (zone: string, from: string, to: string): string[] => {
    const { fromMs, toMs } = parseSpanIn(new ZoneClock(zone), { from, begin: '-1d', to }, now);
    return [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  };
  t.deepEqual(span('Europe/Madrid', '2026-03-29', '2026-03-30'), ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  t.deepEqual(span('America/Santiago', '2026-09-06', '2026-09-07'), ['2026-09-06T04:00:00.000Z', '2026-09-07T03:00:00.000Z']);
  t.deepEqual(span('Europe/Madrid', '2026-03-29T00:00Z', '-1h'), ['2026-03-29T00:00:00.000Z', '2026-11-30T23:00:00.000Z']);
  t.throws(() => span('Europe/Madrid', '2026-02-30', '-1h'), { message: /2026-02-30/ });
});
