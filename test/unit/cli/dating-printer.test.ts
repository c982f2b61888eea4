import { jsonTime } from '@farola/shared';
import test from 'ava';
import type { Reading, ReadingSample } from '@farola/collector/api/reading.js';
import { readingsPrinter } from '@farola/collector/cli/readings-printer.js';
import { testReading } from '../../fakes/test-reading.js';

const AT_MS = Date.UTC(2026, 10, 22, 18);

const NOT_DATED = { takenAtMs: AT_MS, dating: 'unknown', notBeforeMs: AT_MS - 60_000, notAfterMs: AT_MS + 60_000 } as const;

function reading(change: Partial<ReadingSample> = {}): Reading {
  return testReading({ ...NOT_DATED, ...change, values: [{ quantity: 'voltageL1', unit: 'V', value: '231.04' }] });
}

function printed(readings: readonly Reading[], options: { csv?: boolean; json?: boolean } = {}): string[] {
  const lines: string[] = [];
  const print = readingsPrinter({ ...options, out: (line) => lines.push(line) }, undefined);
  for (const reading of readings) print.reading(reading);
  print.end();
  return lines;
}

for (const [what, of, table, csv] of [
  [
    'nothing but its neighbours dates',
    reading(),
    'unknown, 2026-11-22T17:59:00Z to 2026-11-22T18:01:00Z',
    '2026-11-22T17:59:00.000Z,2026-11-22T18:01:00.000Z',
  ],
  [
    'nothing before it bounds',
    reading({ notBeforeMs: null }),
    'unknown, before 2026-11-22T18:01:00Z',
    ',2026-11-22T18:01:00.000Z',
  ],
  ['a contact dates', reading({ dating: 'age', notBeforeMs: null, notAfterMs: null }), 'age', ','],
] as const) {
  test(`shows of a reading that ${what} between what it was taken`, (t) => {
    const [, row = ''] = printed([of]);
    t.regex(row, new RegExp(`^alameda-7/mains +2026-11-22T18:00:00Z +${table} +A0 +voltageL1 +231\\.04 +V *$`));
    t.deepEqual(printed([of], { csv: true }), [
      'lcuId,point,takenAt,dating,status,epoch,n,quantity,value,unit,counts,assurance,notBefore,notAfter,branch,profileId,profileOrigin,flags',
      `malaga-0042,alameda-7/mains,2026-11-22T18:00:00.000Z,${of.dating},complete,0e0e0e0e0e0e0e0e,7,voltageL1,231.04,V,true,A0,${csv},0,circutor-cvm-c10,shipped,`,
    ]);
    const [notBefore, notAfter] = [jsonTime(of.notBeforeMs), jsonTime(of.notAfterMs)];
    t.like(JSON.parse(printed([of], { json: true })[0] ?? ''), { notBefore, notAfter, takenAt: jsonTime(AT_MS) });
  });
}
