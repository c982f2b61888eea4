import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const FOLDERS = ['agent', 'collector', 'shared', 'scripts', 'systemd', 'test', 'docs'];

const pages = ['.', 'docs', 'docs/decisions'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** What stands in backticks in a page, outside of blocks of code. */
function namedIn(page: string): string[] {
  const prose = readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
}

test('a path of the repository that a document names is there', (t) => {
  const isPath = new RegExp(`^(${FOLDERS.join('|')})/[\\w./-]*$`);
  const named = pages.flatMap((page) =>
    namedIn(page).flatMap((name) => (isPath.test(name) && !name.includes('/NNN-') ? [{ page, name }] : [])),
  );
  t.true(named.length > 100, `${named.length}`);
  t.deepEqual(
    named.filter(({ name }) => !existsSync(join(root, name))),
    [],
  );
});

test('a source that a document names without its folder is there, in whatever folder', (t) => {
  const sources = FOLDERS.flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }));
  const known = new Set(sources.filter((path) => !/(^|\/)(dist|node_modules)\//.test(path)).map((path) => basename(path)));
  const named = pages.flatMap((page) => namedIn(page).flatMap((name) => (/^[\w-]+\.ts$/.test(name) ? [{ page, name }] : [])));
  t.true(named.length > 50, `${named.length}`);
  t.deepEqual(
    named.filter(({ name }) => !known.has(name)),
    [],
  );
});
