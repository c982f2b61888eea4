import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The folders of which `tsc -b` writes a dist folder, with the folder of their sources. */
const PROJECTS: readonly (readonly [sources: string, output: string])[] = [
  ['shared/src', 'shared/dist'],
  ['agent/src', 'agent/dist'],
  ['collector/src', 'collector/dist'],
  ['scripts/src', 'scripts/dist'],
  ['test', 'test/dist'],
];

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Removes compiled files whose source was renamed or removed: the compiler leaves them, and a stale test would go on running.
 * @returns the removed files
 */
export function removeStaleOutput(root: string): string[] {
  const removed: string[] = [];
  for (const [sources, output] of PROJECTS) {
    for (const file of filesUnder(join(root, output))) {
      const compiled = /^(.*?)(?:\.js|\.d\.ts)(?:\.map)?$/.exec(relative(join(root, output), file));
      if (compiled?.[1] === undefined || existsSync(join(root, sources, `${compiled[1]}.ts`))) continue;
      rmSync(file);
      removed.push(relative(root, file));
    }
  }
  return removed;
}

/** Source paths of all test files, from the root, sorted: `test/unit/docs/errors-doc.test.ts`. */
export function findTestFiles(root: string): string[] {
  return filesUnder(join(root, 'test'))
    .map((file) => relative(root, file).split(sep).join('/'))
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/dist/'))
    .sort();
}

/** Whether the path contains the pattern; `*` stands for anything. */
export function matchesPattern(path: string, pattern: string): boolean {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(parts.join('.*')).test(path);
}

/** The compiled file of a test's source path. */
export function compiledTest(source: string): string {
  return source.replace(/^test\//, 'test/dist/').replace(/\.ts$/, '.js');
}

/** The source path, from the root, of a compiled test. */
export function sourceOfTest(root: string, compiled: string): string {
  return relative(root, compiled)
    .replace(/^test\/dist\//, 'test/')
    .replace(/\.js$/, '.ts');
}
