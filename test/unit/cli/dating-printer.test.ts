import { jsonTime } from '@farola/shared';
import test from 'ava';
import type { Reading } from '@farola/collector/api/reading.js';
import { readingsPrinter } from '@farola/collector/cli/readings-printer.js';

const AT_MS = Date.UTC(2026, 10, 22, 18);

const READING: Reading = {
  lcuId: 'malaga-0042',
  point: 'alameda-7/mains',
  takenAtMs: AT_MS,
  dating: 'unknown',
  observedAtMs: null,
  notBeforeMs: AT_MS - 60_000,
  notAfterMs: AT_MS + 60_000,
  status: 'complete',
  profileId: 'circutor-cvm-c10',
  profileOrigin: 'shipped',
  values: [{ quantity: 'voltageL1', unit: 'V', value: '231.04' }],
  epoch: '0e0e0e0e0e0e0e0e',
  n: 7,
  branch: 0,
  counts: true,
  assurance: 'A0',
};

function printed(readings: readonly Reading[], options: { csv?: boolean; json?: boolean } = {}): string[] {
  const lines: string[] = [];
  const print = readingsPrinter({ ...options, out: (line) => lines.push(line) }, undefined);
  for (const reading of readings) print.reading(reading);
  print.end();
  return lines;
}

const DATED: Reading = { ...READING, dating: 'age', notBeforeMs: null, notAfterMs: null };
const NO_LOWER: Reading = { ...READING, notBeforeMs: null };

for (const [what, reading, table, csv] of [
  [
    'nothing but its neighbours dates',
    READING,
    'unknown, 2026-11-22T17:59:00Z to 2026-11-22T18:01:00Z',
    '2026-11-22T17:59:00.000Z,2026-11-22T18:01:00.000Z',
  ],
  ['nothing before it bounds', NO_LOWER, 'unknown, before 2026-11-22T18:01:00Z', ',2026-11-22T18:01:00.000Z'],
  ['a contact dates', DATED, 'age', ','],
] as const) {
  test(`shows of a reading that ${what} between what it was taken`, (t) => {
    const [, row = ''] = printed([reading]);
    t.regex(row, new RegExp(`^alameda-7/mains +2026-11-22T18:00:00Z +${table} +A0 +voltageL1 +231\\.04 +V *$`));
    t.deepEqual(printed([reading], { csv: true }), [
      'lcuId,point,takenAt,dating,status,epoch,n,quantity,value,unit,counts,assurance,notBefore,notAfter,branch,profileId,profileOrigin',
      `malaga-0042,alameda-7/mains,2026-11-22T18:00:00.000Z,${reading.dating},complete,0e0e0e0e0e0e0e0e,7,voltageL1,231.04,V,true,A0,${csv},0,circutor-cvm-c10,shipped`,
    ]);
    const [notBefore, notAfter] = [jsonTime(reading.notBeforeMs), jsonTime(reading.notAfterMs)];
    t.like(JSON.parse(printed([reading], { json: true })[0] ?? ''), { notBefore, notAfter, takenAt: jsonTime(AT_MS) });
  });
}
