import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ERRORS } from '@farola/shared';
import { errorsDoc, groupsOf } from '#scripts/docs/errors-doc.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const source = readFileSync(join(root, 'shared/src/errors.ts'), 'utf8');

test('every code of the error table has one row in the document', (t) => {
  const rows = errorsDoc(source)
    .split('\n')
    .map((line) => /^\| `([a-z0-9-]+)` \|/.exec(line)?.[1])
    .filter((code) => code !== undefined);
  t.deepEqual(rows.toSorted(), Object.keys(ERRORS).toSorted());
});

test('every code of the error table stands under a heading of its source', (t) => {
  t.deepEqual([...groupsOf(source).keys()].toSorted(), Object.keys(ERRORS).toSorted());
});

test('a code that the source puts under no heading is listed all the same', (t) => {
  t.regex(errorsDoc(''), /## Other\n[\s\S]*`frame-too-large`/);
});
