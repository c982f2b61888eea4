import test from 'ava';
import type { Reading } from '@farola/collector/api/reading.js';
import { readingsPrinter } from '@farola/collector/cli/readings-printer.js';

const NOW_MS = Date.UTC(2026, 10, 22, 18);
const LATEST = { nowMs: NOW_MS, roundMs: 300_000 };

function reading(change: Partial<Reading> = {}): Reading {
  return {
    lcuId: 'malaga-0042',
    point: 'alameda-7/mains',
    takenAtMs: NOW_MS - 60_000,
    dating: 'lcu-clock',
    observedAtMs: NOW_MS - 61_000,
    notBeforeMs: null,
    notAfterMs: null,
    status: 'complete',
    profileId: 'circutor-cvm-c10',
    profileOrigin: 'shipped',
    values: [{ quantity: 'voltageL1', unit: 'V', value: '230.12' }],
    epoch: '0e0e0e0e0e0e0e0e',
    n: 7,
    branch: 0,
    counts: true,
    assurance: 'A0',
    ...change,
  };
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
    'lcuId,point,takenAt,dating,status,epoch,n,quantity,value,unit,counts,assurance,notBefore,notAfter,branch,profileId,profileOrigin',
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped`,
    `${COMMON},false,A0,,,1,circutor-cvm-c10,shipped`,
  ]);
});

test('CSV of latest values has their age and whether they are stale besides', (t) => {
  const old = reading({ observedAtMs: NOW_MS - 600_001 });
  const notKnown = reading({ observedAtMs: null, values: [] });
  t.deepEqual(printed({ csv: true }, LATEST, [reading(), old, notKnown]), [
    'lcuId,point,takenAt,dating,status,epoch,n,quantity,value,unit,counts,assurance,notBefore,notAfter,branch,profileId,profileOrigin,ageSeconds,stale',
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,61,false`,
    `${COMMON},true,A0,,,0,circutor-cvm-c10,shipped,600,true`,
    'malaga-0042,alameda-7/mains,2026-11-22T17:59:00.000Z,lcu-clock,complete,0e0e0e0e0e0e0e0e,7,,,,true,A0,,,0,circutor-cvm-c10,shipped,,true',
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
  t.regex(printed({ csv: true }, undefined, [own])[1]!, /,own-meter,own$/);
  t.like(JSON.parse(printed({ json: true }, undefined, [own])[0]!), { profileId: 'own-meter', profileOrigin: 'own' });
});

test('the table marks what does not count and what is stale', (t) => {
  const lines = printed({}, LATEST, [reading(), reading({ counts: false, observedAtMs: null })]);
  t.regex(lines[0]!, /^point +taken +age +dating +trust +quantity +value +unit$/);
  t.regex(lines[1]!, / 61 s +lcu-clock +A0 +voltageL1 +230\.12 +V$/);
  t.regex(lines[2]!, / \?, stale +lcu-clock +A0, does not count +voltageL1 +230\.12 +V$/);
  t.deepEqual(printed({}, undefined, []).at(-1), 'no readings');
});
