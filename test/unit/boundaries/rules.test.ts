import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** A repository of our shape with next to nothing in it, which breaks no rule. Installed packages are stubs. */
const SOUND: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module", "devDependencies": { "ava": "1" } }',
  'shared/package.json':
    '{ "name": "@farola/shared", "type": "module", "exports": { ".": "./dist/index.js", "./*.js": "./dist/*.js" } }',
  'shared/src/clock.ts': 'export const clock = 1;',
  'shared/dist/index.js': 'export const ERRORS = {};',
  'shared/dist/clock.js': 'export const clock = 1;',
  'agent/package.json': `{ "name": "@farola/agent", "type": "module", "exports": { "./*.js": "./dist/*.js" },
    "dependencies": { "@farola/shared": "1", "serialport": "1", "better-sqlite3": "1" } }`,
  'agent/dist/main.js': 'export const main = 1;',
  'agent/src/main.ts': "import { openJournal } from './journal/sqlite-journal.js'; export const main = openJournal;",
  'agent/src/journal/journal.ts': 'export interface Journal { readonly n: number } export const empty = 0;',
  'agent/src/journal/sqlite-journal.ts':
    "import type { Database } from 'better-sqlite3'; import { rows } from './sqlite-rows.js'; export const openJournal = async () => [rows, await import('better-sqlite3')]; export type D = Database;",
  'agent/src/journal/sqlite-rows.ts': 'export const rows = 1;',
  'agent/src/meter/sampler.ts':
    "import type { Journal } from '../journal/journal.js'; import { ERRORS } from '@farola/shared'; export const sample = (j: Journal) => [j, ERRORS];",
  'agent/src/meter/line/line-adapters.ts': "export * from './serialport-transport.js';",
  'agent/src/meter/line/serialport-transport.ts':
    "export type P = import('serialport').P; export const openPort = () => import('serialport');",
  'agent/src/link/link.ts': "import { empty } from '../journal/journal.js'; export const link = empty;",
  'collector/package.json': `{ "name": "@farola/collector", "type": "module", "exports": { "./*.js": "./dist/*.js" },
    "dependencies": { "@farola/shared": "1", "better-sqlite3": "1", "sodium-native": "1" } }`,
  'collector/dist/main.js': 'export const main = 1;',
  'collector/src/poll/schedule.ts':
    "import { check } from '../verify/check.js'; export const plan = check; export interface Plan { readonly n: number }",
  'collector/src/verify/check.ts': 'export const check = 1;',
  'collector/src/verify/sodium-verify.ts': "import sodium from 'sodium-native'; export const verify = sodium;",
  'collector/src/ledger/ledger.ts':
    "import type { Plan } from '../poll/schedule.js'; export type Rows = Plan; export const empty = 0;",
  'collector/src/aggregate/quarter.ts': 'export type A = 1;',
  'collector/src/ledger/sqlite-ledger.ts': 'export const openLedger = 1;',
  'test/fakes/fake-time.ts':
    "import { clock } from '@farola/shared/clock.js'; import { main } from '@farola/agent/main.js'; export const time = [clock, main];",
};

/** The other half of a planted cycle. */
const ACCOMPLICE = { 'agent/src/planted-h.ts': "import './planted-g.js';" };

/** One broken rule each: the file that breaks it, its text, and the rule. */
const PLANTED: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['agent-without-collector', 'agent/src/planted-a.ts', "export * from '@farola/collector/main.js';"],
  ['agent-without-collector', 'agent/src/planted-b.ts', "import '../../collector/src/verify/check.js';"],
  ['collector-without-agent', 'collector/src/planted-a.ts', "export type * from '@farola/agent/main.js';"],
  ['collector-without-agent', 'collector/src/planted-b.ts', "import '../../agent/src/link/link.js';"],
  ['shared-stands-alone', 'shared/src/planted-a.ts', "import '@farola/agent/main.js';"],
  ['shared-stands-alone', 'shared/src/planted-b.ts', "import '@farola/collector/main.js';"],
  ['shared-by-its-root', 'agent/src/planted-c.ts', "import { clock } from '@farola/shared/clock.js'; export default clock;"],
  ['shared-by-its-root', 'collector/src/planted-c.ts', "import '../../shared/src/clock.js';"],
  ['by-package-name', 'test/planted-a.ts', "import '../agent/src/link/link.js';"],
  ['product-without-tests', 'agent/src/planted-d.ts', "import '../../test/fakes/fake-time.js';"],
  ['product-without-dev-dependencies', 'agent/src/planted-e.ts', "import test from 'ava'; export default test;"],
  ['product-without-dev-dependencies', 'agent/src/planted-f.ts', "import pad from 'left-pad'; export default pad;"],
  ['adapters-are-chosen-once', 'agent/src/meter/line/planted-a.ts', "import './serialport-transport.js';"],
  ['adapters-are-chosen-once', 'collector/src/fleet/planted-a.ts', "await import('../ledger/sqlite-ledger.js');"],
  ['adapters-are-chosen-once', 'agent/src/link/planted-b.ts', "import '../meter/line/line-adapters.js';"],
  ['adapters-stay-in-their-folder', 'agent/src/link/ws-planted.ts', "import '../journal/sqlite-journal.js';"],
  ['native-modules-in-adapters', 'agent/src/journal/planted-a.ts', "export const a = () => import('better-sqlite3');"],
  [
    'native-modules-load-late',
    'agent/src/meter/line/serialport-planted.ts',
    "import port from 'serialport'; export default port;",
  ],
  [
    'journal-stands-alone',
    'agent/src/journal/planted-b.ts',
    "import type { link } from '../link/link.js'; export type L = typeof link;",
  ],
  ['meter-knows-no-link', 'agent/src/meter/planted-b.ts', "import '../link/link.js';"],
  ['link-reads-the-journal-only', 'agent/src/link/planted-a.ts', "import '../meter/sampler.js';"],
  [
    'verify-knows-ports-upstream',
    'collector/src/verify/planted-a.ts',
    "import { plan } from '../poll/schedule.js'; export default plan;",
  ],
  [
    'aggregates-are-derived',
    'collector/src/fleet/planted-b.ts',
    "import type { A } from '../aggregate/quarter.js'; export type B = A;",
  ],
  ['api-knows-ports-upstream', 'collector/src/api/planted-a.ts', "import '../ledger/ledger.js';"],
  ['no-cycles', 'agent/src/planted-g.ts', "import './planted-h.js';"],
  ['resolvable', 'agent/src/planted-i.ts', "import './nowhere.js';"],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

function plant(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'farola-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const stubs = ['ava', 'serialport', 'better-sqlite3', 'sodium-native', 'left-pad'].flatMap((name) => [
    [`node_modules/${name}/package.json`, `{ "name": "${name}", "version": "1.0.0", "main": "index.js" }`],
    [`node_modules/${name}/index.js`, 'module.exports = 1;'],
  ]);
  for (const [path = '', text] of [...Object.entries(files), ...stubs]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text ?? ''}\n`);
  }
  mkdirSync(join(folder, 'node_modules/@farola'));
  for (const name of ['shared', 'agent', 'collector']) symlinkSync(`../../${name}`, join(folder, 'node_modules/@farola', name));
  return folder;
}

/** What dependency-cruiser finds in a tree by our rules, as `rule file`. */
async function violationsIn(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', join(root, '.dependency-cruiser.js'), '--output-type', 'json'],
      ...['shared/src', 'agent/src', 'collector/src', 'test'],
    ],
    { cwd: folder, maxBuffer: 2 ** 26 },
  );
  const { summary } = JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } };
  return summary.violations.map(({ from, rule }) => `${rule.name} ${from}`).toSorted();
}

test('a tree that keeps the rules is not complained about', async (t) => {
  t.deepEqual(await violationsIn(plant(t, SOUND)), []);
});

test('each broken rule is found, in the file that breaks it', async (t) => {
  const folder = plant(t, { ...SOUND, ...ACCOMPLICE, ...Object.fromEntries(PLANTED.map(([, path, text]) => [path, text])) });
  const found = await violationsIn(folder);
  const expected = PLANTED.map(([rule, path]) => `${rule} ${path}`);
  t.deepEqual(
    expected.filter((violation) => !found.includes(violation)),
    [],
  );
  t.deepEqual(
    [...new Set(found.map((violation) => violation.split(' ')[1]))].toSorted(),
    PLANTED.map(([, path]) => path).toSorted(),
  );
});

test('every rule is planted above; of those for the folders of the walk, one for the first and one for the last', async (t) => {
  const { default: configuration } = (await import(join(root, '.dependency-cruiser.js'))) as {
    readonly default: { readonly forbidden: readonly { readonly name: string }[] };
  };
  const planted = new Set(PLANTED.map(([rule]) => rule));
  const forgotten = configuration.forbidden.map(({ name }) => name).filter((name) => !planted.has(name));
  t.deepEqual(
    forgotten,
    ['poll', 'ledger', 'fleet'].map((folder) => `${folder}-knows-ports-upstream`),
  );
});
