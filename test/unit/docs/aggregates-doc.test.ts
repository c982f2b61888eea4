import { readFile } from 'node:fs/promises';
import test from 'ava';
import { BREAK_REASONS } from '@farola/collector/aggregate/quarter-summary.js';
import type { EnergyMark } from '@farola/collector/aggregate/energy-of-intervals.js';

const MARKS: Readonly<Record<Exclude<EnergyMark, (typeof BREAK_REASONS)[number]>, true>> = {
  'no-data': true,
  'begin-missing': true,
  'end-missing': true,
  'first-reading': true,
  'clock-stepped': true,
};

test('docs/aggregates.md explains each mark, and no other', async (t) => {
  const text = await readFile(new URL('../../../../docs/aggregates.md', import.meta.url), 'utf8');
  const rows = text.slice(text.indexOf('## Marks')).match(/^\| `[^|]+\|/gm) ?? [];
  const told = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`/g)].map(([, mark]) => mark));
  t.deepEqual(told.sort(), [...BREAK_REASONS, ...Object.keys(MARKS), 'running', 'beyond-span'].sort());
});
