import test from 'ava';
import type { Reading, ReadingSample } from '@farola/collector/api/reading.js';
import { readingsPrinter } from '@farola/collector/cli/readings-printer.js';
import { readingSample, testReading, type ToldValue } from '../../fakes/test-reading.js';

const NOW_MS = Date.UTC(2026, 10, 22, 18);
const LATEST = { nowMs: NOW_MS, roundMs: 300_000 };

const VOLTAGE = { quantity: 'voltageL1', unit: 'V', value: '230.12' };

function reading(change: Partial<ReadingSample> & { readonly values?: readonly ToldValue[] } = {}): Reading {
  return testReading({ takenAtMs: NOW_MS - 60_000, observedAtMs: NOW_MS - 61_000, values: [VOLTAGE], ...change });
}

function printed(form: { csv?: boolean; json?: boolean }, latest: typeof LATEST | undefined, readings: readonly Reading[]) {
  const lines: string[] = [];
  const print = readingsPrinter({ ...form, out: (line) => lines.push(line) }, latest);
  readings.forEach(print.reading);
  print.end();
  return lines;
}

const COMMON = 'malaga-0042,alameda-7/mains,2026-11-22T17:59:00.000Z,lcu-clock,complete,0e0e0e0e0e0e0e0e,7,voltageL1,230.12,V';

test('CSV of a span says of each value whether it counts, and the assurance', (t) => {
  t.deepEqual(printed({ csv: true }, undefined, [reading(), reading({ counts: false, branch: 1 })]), [
    'lcuId,point,takenAt,dating,status,epoch,n,quantity,value,unit,counts,assurance,notBefore,notAfter,branch,profileId,profileOrigin,flags',
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,`,
    `${COMMON},false,A0,,,1,circutor-cvm-c10,shipped,`,
  ]);
});

test('CSV of latest values has their age and whether they are stale besides', (t) => {
  const old = reading({ observedAtMs: NOW_MS - 661_000 });
  const notKnown = reading({ observedAtMs: null, values: [] });
  t.deepEqual(printed({ csv: true }, LATEST, [reading(), old, notKnown]), [
    'lcuId,point,takenAt,dating,status,epoch,n,quantity,value,unit,counts,assurance,notBefore,notAfter,branch,profileId,profileOrigin,ageSeconds,stale,flags',
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,61,false,`,
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,661,true,`,
    'malaga-0042,alameda-7/mains,2026-11-22T17:59:00.000Z,lcu-clock,complete,0e0e0e0e0e0e0e0e,7,,,,true,A0,,,0,circutor-cvm-c10,shipped,,true,',
  ]);
});

test('JSON has the same, and age only of latest values', (t) => {
  const [of] = printed({ json: true }, LATEST, [reading({ counts: false })]).map((line) => JSON.parse(line) as object);
  t.like(of, { counts: false, assurance: 'A0', ageSeconds: 61, stale: false });
  const [span] = printed({ json: true }, undefined, [reading()]).map((line) => JSON.parse(line) as object);
  t.like(span, { counts: true, ageSeconds: null, stale: null });
});

test('a value that was read by an own profile is marked', (t) => {
  const own = reading({ profileId: 'own-meter', profileOrigin: 'own' });
  t.regex(printed({}, undefined, [own])[1]!, / A0, own profile +voltageL1 /);
  t.regex(printed({ csv: true }, undefined, [own])[1]!, /,own-meter,own,$/);
  t.like(JSON.parse(printed({ json: true }, undefined, [own])[0]!), { profileId: 'own-meter', profileOrigin: 'own' });
});

test('the table marks what does not count and what is stale', (t) => {
  const lines = printed({}, LATEST, [reading(), reading({ counts: false, observedAtMs: null })]);
  t.regex(lines[0]!, /^point +taken +age +dating +trust +quantity +value +unit$/);
  t.regex(lines[1]!, / 61 s +lcu-clock +A0 +voltageL1 +230\.12 +V$/);
  t.regex(lines[2]!, / \?, stale +lcu-clock +A0, does not count +voltageL1 +230\.12 +V$/);
  t.deepEqual(printed({}, undefined, []).at(-1), 'no readings');
});

test('a value is stale after two rounds and the period of its own scan group', (t) => {
  const age = (periodS: number, ageMs: number): unknown => {
    const [line = ''] = printed({ json: true }, LATEST, [reading({ periodS, observedAtMs: NOW_MS - ageMs })]);
    return (JSON.parse(line) as { values: { stale: boolean }[] }).values[0]?.stale;
  };
  t.deepEqual([age(60, 660_000), age(60, 660_001)], [false, true]);
  t.deepEqual([age(900, 1_500_000), age(900, 1_500_001)], [false, true]);
});

test('each value of a point has the time, the age and the entry of its own scan group', (t) => {
  const slow = readingSample({
    takenAtMs: NOW_MS - 840_000,
    observedAtMs: NOW_MS - 840_000,
    periodS: 900,
    n: 3,
    status: 'partial',
  });
  const thd = { quantity: 'thdVoltageL1', unit: '%', value: '1.2', sample: slow };
  const own = { takenAtMs: slow.takenAtMs + 400, observedAtMs: NOW_MS - 839_600 };
  const both = reading({ values: [VOLTAGE, { ...thd, ...own }] });
  const [, first, second] = printed({}, LATEST, [both]);
  t.regex(first!, /^alameda-7\/mains +2026-11-22T17:59:00Z +61 s +lcu-clock +A0 +voltageL1 +230\.12 +V$/);
  t.regex(second!, /^alameda-7\/mains +2026-11-22T17:46:00Z +14 min +lcu-clock +A0 +thdVoltageL1 +1\.2 +%$/);
  t.deepEqual(printed({ csv: true }, LATEST, [both]).slice(1), [
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,61,false,`,
    'malaga-0042,alameda-7/mains,2026-11-22T17:46:00.400Z,lcu-clock,partial,0e0e0e0e0e0e0e0e,3,thdVoltageL1,1.2,%,true,A0,,,0,circutor-cvm-c10,shipped,839,false,',
  ]);
  const { values } = JSON.parse(printed({ json: true }, LATEST, [both])[0]!) as { values: object[] };
  t.deepEqual(values[1], {
    quantity: 'thdVoltageL1',
    unit: '%',
    value: '1.2',
    flags: [],
    takenAt: '2026-11-22T17:46:00.400Z',
    ageSeconds: 839,
    stale: false,
    status: 'partial',
    epoch: '0e0e0e0e0e0e0e0e',
    n: 3,
  });
});

test('a value that a rule marks is shown as it was read, with the rule', (t) => {
  const marked = reading({
    values: [
      { ...VOLTAGE, flags: ['voltage-band', 'flag-77'] },
      { quantity: 'powerFactorTotal', unit: '1', value: '0.99' },
    ],
  });
  const [, voltage, factor, , , ...legend] = printed({}, undefined, [marked, marked]);
  t.regex(voltage!, / voltageL1 +230\.12 +V !$/);
  t.regex(factor!, / powerFactorTotal +0\.99$/);
  t.deepEqual(legend, ['! voltage-band: voltageL1', '! flag-77: voltageL1']);
  t.deepEqual(printed({ csv: true }, undefined, [marked]).slice(1), [
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,voltage-band flag-77`,
    `${COMMON.replace('voltageL1,230.12,V', 'powerFactorTotal,0.99,1')},true,A0,,,0,circutor-cvm-c10,shipped,`,
  ]);
  t.like(JSON.parse(printed({ json: true }, undefined, [marked])[0]!), {
    values: [{ value: '230.12', flags: ['voltage-band', 'flag-77'], ageSeconds: null, stale: null }, { flags: [] }],
  });
});

test('a sample that brought no values is one row, and says how it went', (t) => {
  const failed = readingSample({ status: 'other-meter', takenAtMs: NOW_MS - 60_000 });
  const values = ['voltageL1', 'voltageL2'].map((quantity) => ({ quantity, unit: 'V', value: null }));
  const lines = printed({}, undefined, [reading({ ...failed, values })]);
  t.is(lines.length, 2);
  t.regex(lines[1]!, / lcu-clock +A0 +\(other-meter\) +-$/);
});
