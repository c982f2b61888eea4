import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

interface Manifest {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8'));
}

const { packages } = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };

/** Licences that may ship with Apache-2.0 code and ask for no more than their text. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense'];

/** Whether an SPDX expression lets us choose allowed licences only: one of what OR joins, all of what AND joins. */
function mayShip(expression: string): boolean {
  const inner = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (inner.includes('(')) return false;
  return inner.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => ALLOWED.includes(licence.trim())));
}

test('licences are judged by what they let us choose', (t) => {
  for (const expression of ['MIT', '(MIT OR WTFPL)', '(GPL-2.0 OR MIT)', 'MIT AND ISC']) t.true(mayShip(expression), expression);
  for (const expression of ['GPL-3.0', 'LGPL-2.1-or-later', 'AGPL-3.0-only', '(MIT AND GPL-2.0)', 'SEE LICENSE IN x', '']) {
    t.false(mayShip(expression), expression);
  }
});

test('nothing that ships, nor what it brings along, is under GPL, LGPL or AGPL', (t) => {
  const shipped = Object.entries(packages).filter(([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link);
  t.true(shipped.length > 50);
  const refused = shipped
    .map(([path]) => `${path}: ${(readJson(path, 'package.json') as Manifest).license ?? 'no licence'}`)
    .filter((line) => !mayShip(line.slice(line.indexOf(': ') + 2)));
  t.deepEqual(refused, []);
});

test('the lock names no registry and a hash for every package', (t) => {
  const fetched = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
  t.deepEqual(
    fetched.filter(([, { resolved, integrity }]) => resolved !== undefined || integrity === undefined).map(([path]) => path),
    [],
  );
});

/** The rows of the document: `section package licence`. */
function documentedRows(): string[] {
  const rows: string[] = [];
  let section = '';
  for (const line of readFileSync(join(root, 'docs/dependencies.md'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    const row = /^\| `([^`]+)` \|(.+)\|(.+)\| ([^|]+) \|$/.exec(line);
    if (row !== null) rows.push(`${section}: ${row[1] ?? ''}, ${row[4] ?? ''}`);
  }
  return rows;
}

function rowsOf(section: string, dependencies: Readonly<Record<string, string>> = {}): string[] {
  return Object.keys(dependencies)
    .filter((name) => !name.startsWith('@farola/'))
    .map((name) => `${section}: ${name}, ${(readJson('node_modules', name, 'package.json') as Manifest).license ?? ''}`);
}

test('docs/dependencies.md has one line for each direct dependency, with its licence, and no other', (t) => {
  const wanted = ['shared', 'agent', 'collector'].flatMap((workspace) =>
    rowsOf(workspace, (readJson(workspace, 'package.json') as Manifest).dependencies),
  );
  wanted.push(...rowsOf('To build and test', (readJson('package.json') as Manifest).devDependencies));
  t.deepEqual(documentedRows().toSorted(), wanted.toSorted());
});

test('every direct dependency is pinned to one version', (t) => {
  const manifests = ['.', 'shared', 'agent', 'collector'].map((folder) => readJson(folder, 'package.json') as Manifest);
  const versions = manifests.flatMap(({ dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies }),
  );
  t.deepEqual(
    versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
});
