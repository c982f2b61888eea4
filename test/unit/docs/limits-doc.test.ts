import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import { ERRORS } from '@farola/shared';
import test from 'ava';
import { configFields } from '#scripts/docs/config-fields.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const text = readFileSync(join(root, 'docs/limits.md'), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
const quoted = (cell: string | undefined): string[] => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
/** Rows of the limits themselves: limit, value, where, what happens, test. */
const limits = rows.map((row) => row.split(' | ')).filter((cells) => cells.length === 5 && !cells[0]?.startsWith('| limit'));

test('docs/limits.md names tests that are there', (t) => {
  t.true(limits.length > 20);
  for (const cells of limits) {
    for (const name of quoted(cells[4])) t.true(existsSync(join(root, 'test', `${name}.test.ts`)), name);
  }
});

test('docs/limits.md names places and fields that are there', (t) => {
  const fields = new Map(configFields(COLLECTOR_CONFIG).map(({ path, fallback }) => [path, fallback]));
  for (const [, value = '', where] of limits) {
    for (const name of quoted(where)) {
      if (name.endsWith('.ts')) t.true(existsSync(join(root, name)), name);
      else t.is(fields.get(name)?.replaceAll('`', ''), value, name);
    }
  }
});

test('docs/limits.md names codes of the error table', (t) => {
  const codes = limits.flatMap((cells) => quoted(cells[3])).filter((name) => name !== 'replaced');
  t.true(codes.length > 15);
  for (const code of codes) t.true(Object.hasOwn(ERRORS, code), code);
});
