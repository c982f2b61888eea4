import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { compiledTest, findTestFiles, matchesPattern, removeStaleOutput, sourceOfTest } from '#scripts/testing/test-files.js';

function treeOf(t: ExecutionContext, ...files: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'farola-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

test('a compiled test whose source is gone is removed, the others stay', (t) => {
  const root = treeOf(
    t,
    'test/unit/kept.test.ts',
    'test/dist/unit/kept.test.js',
    'test/dist/unit/gone.test.js',
    'test/dist/unit/gone.test.d.ts.map',
    'test/dist/.tsbuildinfo',
    'shared/dist/gone.d.ts',
  );
  t.deepEqual(removeStaleOutput(root).toSorted(), [
    'shared/dist/gone.d.ts',
    'test/dist/unit/gone.test.d.ts.map',
    'test/dist/unit/gone.test.js',
  ]);
  t.true(existsSync(join(root, 'test/dist/unit/kept.test.js')));
  t.true(existsSync(join(root, 'test/dist/.tsbuildinfo')));
});

test('test files are found by their source', (t) => {
  const root = treeOf(t, 'test/unit/a.test.ts', 'test/fakes/b.ts', 'test/dist/unit/a.test.d.ts', 'test/dist/unit/c.test.ts');
  t.deepEqual(findTestFiles(root), ['test/unit/a.test.ts']);
  t.is(compiledTest('test/unit/a.test.ts'), 'test/dist/unit/a.test.js');
  t.is(sourceOfTest('/project', '/project/test/dist/unit/a.test.js'), 'test/unit/a.test.ts');
});

test('a pattern is part of the path, * is anything, other signs are themselves', (t) => {
  t.true(matchesPattern('test/unit/envelope/cbor.test.ts', 'envelope'));
  t.true(matchesPattern('test/unit/envelope/cbor.test.ts', 'unit/*/cbor.test.ts'));
  t.true(matchesPattern('test/unit/envelope/cbor.test.ts', 'test/**/*.test.ts'));
  t.false(matchesPattern('test/unit/envelope/cbor.test.ts', 'c.or'));
  t.false(matchesPattern('test/unit/envelope/cbor.test.ts', 'journal'));
});
