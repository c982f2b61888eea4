import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const text = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

test('docs/threat-model.md names tests that are there', (t) => {
  const names = [...text.matchAll(/`((?:unit|contract|integration|e2e|verifier)\/[^`]+)`/g)].map(([, name]) => name ?? '');
  t.true(names.length > 40);
  for (const name of names) t.true(existsSync(join(root, 'test', `${name}.test.ts`)), name);
});
