import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const pages = [root, join(root, 'docs'), join(root, 'docs/decisions')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

interface Link {
  readonly page: string;
  readonly label: string;
  readonly path: string;
}

/** Links to files of the repository, outside of blocks of code. */
const links = pages.flatMap((page): Link[] =>
  [...proseOf(page).matchAll(/\[([^\]]+)\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, label = '', path = '']) => ({
    page,
    label,
    path,
  })),
);

function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
}

test('links of the documents lead to files that are there', (t) => {
  t.true(links.length > 40);
  const broken = links.filter(({ page, path }) => !existsSync(join(dirname(page), path)));
  t.deepEqual(broken, []);
});

test('a decision that is linked by its number has that number', (t) => {
  const numbered = links.filter(({ label }) => /^\d{3}$/.test(label));
  t.true(numbered.length > 10);
  t.deepEqual(
    numbered.filter(({ label, path }) => !basename(path).startsWith(`${label}-`)),
    [],
  );
});

test('the README names every document', (t) => {
  const read = links.filter(({ page }) => page === join(root, 'README.md')).map(({ path }) => path);
  const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  t.deepEqual(
    documents.filter((name) => !read.includes(`docs/${name}`)),
    [],
  );
});
