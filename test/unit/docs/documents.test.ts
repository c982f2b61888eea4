import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DOCUMENTS } from '#scripts/docs/documents.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

for (const { path, make } of DOCUMENTS) {
  test(`${path} says what the code says (scripts/docs writes it anew)`, (t) => {
    t.is(readFileSync(join(root, path), 'utf8'), make(root));
  });
}
