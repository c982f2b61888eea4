import { readFile } from 'node:fs/promises';
import test from 'ava';
import { BREAK_REASONS } from '@farola/collector/aggregate/quarter-summary.js';
import { ZoneClock } from '@farola/collector/aggregate/zone-clock.js';
import { intervalRows } from '@farola/collector/cli/interval-rows.js';
import { intervalTable } from '@farola/collector/cli/interval-table.js';
import type { EnergyMark } from '@farola/collector/aggregate/energy-of-intervals.js';
import { minutes, openAggregateBench, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DOCUMENT = new URL('../../../../docs/aggregates.md', import.meta.url);

const MARKS: Readonly<Record<Exclude<EnergyMark, (typeof BREAK_REASONS)[number]>, true>> = {
  'no-data': true,
  'begin-missing': true,
  'end-missing': true,
  'first-reading': true,
  'glitch': true,
  'clock-stepped': true,
};

test('docs/aggregates.md explains each mark, and no other', async (t) => {
  const text = await readFile(DOCUMENT, 'utf8');
  const rows = text.slice(text.indexOf('## Marks')).match(/^\| `[^|]+\|/gm) ?? [];
  const told = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`/g)].map(([, mark]) => mark));
  t.deepEqual(told.sort(), [...BREAK_REASONS, ...Object.keys(MARKS), 'running', 'beyond-span'].sort());
});

test('the example of docs/aggregates.md is what such a night comes to', async (t) => {
  const bench = await openAggregateBench(t);
  const midnight = Date.parse('2026-10-25T00:00+02:00');
  const after = (mins: number): number => midnight + mins * 60_000;
  const chain = new TestChain();
  const evenly = (from: number, to: number, wh: number): void => {
    chain.add(...minutes(after(from), after(to), wh, 41));
  };
  chain.add(startAt(midnight, chain.boot));
  evenly(0, 7, 800_000);
  evenly(140, 241, 800_000 + 6 * 41 + 5634);
  evenly(241, 422, 12);
  for (let first = 1; first <= chain.last; first += 200) {
    bench.receive(chain, first, Math.min(chain.last, first + 199), after(430));
  }
  bench.follow();
  const clock = new ZoneClock('Europe/Madrid');
  const series = bench.energy('hour', midnight, Date.parse('2026-10-25T05:00Z'), 'Europe/Madrid');
  const table = intervalTable(intervalRows(series).map((row) => ['plaza/main', row, clock]));
  const [, example] = /^\$ farola-collector readings .*\n([^`]*)```/m.exec(await readFile(DOCUMENT, 'utf8')) ?? [];
  t.deepEqual(table, example?.trimEnd().split('\n'));
});
