import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const text = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');
const [tree = '', list = ''] = text.split('\n## Hostile cases\n');

/** A row of the list of hostile cases. */
interface Case {
  readonly numbers: readonly string[];
  readonly files: readonly string[];
  readonly said: string;
}

const cases = [...list.matchAll(/^\| ([A-H]\d.*?) \| .* \| (.*) \|$/gm)].map(([, numbers = '', said = '']): Case => {
  return { numbers: numbers.split(/, | to /), files: [...said.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file), said };
});
const told = cases.flatMap(({ numbers, files }) => numbers.flatMap((number) => files.map((file) => `${number} ${file}`)));

/** What stands as a literal at the begin of the titles of the tests in a file. */
function titlesOf(path: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^test(\.\w+)*$/.test(node.expression.getText())) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
      else if (title && ts.isTemplateExpression(title)) titles.push(title.head.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
  return titles;
}

/** `number file` of every test whose title begins with numbers of cases. */
function titled(): string[] {
  const folder = join(root, 'test');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts'));
  return files.flatMap((path) =>
    titlesOf(join(folder, path)).flatMap((title) => {
      const [, numbers] = /^([A-H]\d+(?:, [A-H]\d+)*): /.exec(title) ?? [];
      return numbers?.split(', ').map((number) => `${number} ${path.replace('.test.ts', '')}`) ?? [];
    }),
  );
}

test('docs/threat-model.md names tests that are there', (t) => {
  const names = [...text.matchAll(/`((?:unit|contract|integration|e2e|verifier)\/[^`]+)`/g)].map(([, name]) => name ?? '');
  t.true(names.length > 40);
  for (const name of names) t.true(existsSync(join(root, 'test', `${name}.test.ts`)), name);
});

test('each hostile case is told once, in order, and has a test or says that it is not built', (t) => {
  const numbers = cases.flatMap((one) => one.numbers);
  const inOrder = numbers.toSorted((a, b) => a.charCodeAt(0) - b.charCodeAt(0) || Number(a.slice(1)) - Number(b.slice(1)));
  t.true(numbers.length > 40);
  t.deepEqual(numbers, inOrder);
  t.is(new Set(numbers).size, numbers.length);
  for (const { numbers: of, files, said } of cases) t.is(files.length === 0, said.startsWith('not built: '), of.join());
});

test('a case that names a test is in the title of one of that file, and each numbered title is named by its case', (t) => {
  t.deepEqual(told.toSorted(), [...new Set(titled())].toSorted());
});

test('the cases that the tree refers to are in the list', (t) => {
  const known = new Set(cases.flatMap(({ numbers }) => numbers));
  const referred = [...tree.matchAll(/\(([A-H]\d+(?:(?:,| to) [A-H]\d+)*)\)/g)].flatMap(([, of = '']) => of.split(/, | to /));
  t.true(referred.length > 15);
  t.deepEqual(
    referred.filter((number) => !known.has(number)),
    [],
  );
});
