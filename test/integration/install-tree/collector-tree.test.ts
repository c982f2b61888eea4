import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askControl } from '@farola/collector/api/node-control-client.js';
import { type LockedPackages, productionPackages } from '#scripts/install-tree/production-packages.js';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { runProgram, startProgram } from '#scripts/demo/programs.js';
import { freePort } from '#scripts/demo/set-up.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { until } from '../../e2e/stage.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));

/** Files of a package that Node may be led to by its name: `main`, and whatever `exports` says for programs. */
function entriesOf(folder: string): string[] {
  const { main, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const targets = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([condition, target]) => (condition === 'types' ? [] : targets(target)));
  };
  const mains = typeof main === 'string' ? [main, `${main}.js`, join(main, 'index.js')] : ['index.js'];
  return [...mains, ...targets(exports)].filter((target) => !target.includes('*'));
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** How many entries there are at least: of the agent most packages are bundled. */
const ENTRIES = { agent: 1, collector: 20 } as const;

for (const program of ['agent', 'collector'] as const) {
  test(`each package in the tree of the ${program} has the files that its name leads to`, (t) => {
    const tree = join(temporaryFolder(t), 'tree');
    installTree({ repository: REPOSITORY, program, target: tree });
    const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as { packages: LockedPackages };
    const missing: string[] = [];
    let there = 0;
    for (const { from, to } of productionPackages(packages, program)) {
      if (program === 'agent' && !existsSync(join(tree, to, 'package.json'))) continue;
      const source = join(REPOSITORY, from);
      for (const entry of entriesOf(source).filter((path) => isFile(join(source, path)) && !path.endsWith('.ts'))) {
        if (isFile(join(tree, to, entry))) there++;
        else missing.push(join(to, entry));
      }
    }
    t.deepEqual(missing, []);
    t.true(there >= ENTRIES[program], `${there} entries`);
  });
}

/** Makes a collector out of a tree, and runs it until it answers; it ends with the test. */
async function runInstalled(t: ExecutionContext, folder: string, tree: string) {
  const program = { name: 'collector', tree } as const;
  const [path, stateDir, runDir] = [join(folder, 'etc', 'collector.yaml'), join(folder, 'state'), join(folder, 'run')];
  const config = ['--config', path];
  const places = [...config, '--state-dir', stateDir, '--run-dir', runDir, '--listen', `127.0.0.1:${await freePort()}`];
  await runProgram(program, ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...places]);
  const running = startProgram(program, ['run', ...config], join(folder, 'log'));
  t.teardown(() => running.stop());
  await until(() =>
    askControl(runDir, 'GET', '/status').then(
      () => true,
      () => running.ended() !== undefined,
    ),
  );
  t.is(running.ended(), undefined, readFileSync(join(folder, 'log'), 'utf8'));
  return { program, running, config, stateDir };
}

test('an installed collector makes keys, runs, renews them and is backed up', async (t) => {
  t.timeout(120_000);
  const folder = temporaryFolder(t);
  const tree = join(folder, 'tree');
  installTree({ repository: REPOSITORY, program: 'collector', target: tree });
  const { program, running, config, stateDir } = await runInstalled(t, folder, tree);
  t.regex(await runProgram(program, ['keys', 'rotate', 'tls', '--root', join(stateDir, 'keys', 'root.key'), ...config]), /tls/);
  const [backup, passphrase] = [join(folder, 'backup.age'), join(folder, 'passphrase')];
  writeFileSync(passphrase, 'correct horse battery staple\n');
  await runProgram(program, ['keys', 'backup', backup, '--passphrase-file', passphrase, ...config]);
  t.true(statSync(backup).size > 1_000);
  t.is(await running.stop(), 0);
});

/** Bare names that code of a tree asks for, each with a file that does; of comments and examples too. */
function askedIn(tree: string): { file: string; name: string }[] {
  const asks = /(?:\brequire(?:\.addon)?\(|\bimport\(|\bfrom|\bimport)\s*['"]((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^'"]*)?['"]/g;
  return readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?js$/.test(path) && isFile(join(tree, path)))
    .flatMap((path) => {
      const text = readFileSync(join(tree, path), 'utf8');
      return [...text.matchAll(asks)].map(([, name = '']) => ({ file: join(tree, path), name }));
    })
    .filter(({ name }) => !isBuiltin(name));
}

test('the tree of the collector runs alone: nothing is loaded from the folders above it, whatever lies there', async (t) => {
  t.timeout(120_000);
  const folder = temporaryFolder(t);
  const tree = join(folder, 'farola-collector');
  installTree({ repository: REPOSITORY, program: 'collector', target: tree });
  const asked = askedIn(tree);
  t.true(asked.length > 500, `${asked.length} places`);
  const said = join(folder, 'loaded');
  for (const name of new Set(asked.map((one) => one.name))) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(at, { recursive: true });
    writeFileSync(
      join(at, 'index.js'),
      `require('node:fs').appendFileSync(${JSON.stringify(said)}, ${JSON.stringify(`${name}\n`)})`,
    );
  }
  const { program, running, config } = await runInstalled(t, folder, tree);
  for (const command of [
    ['status'],
    ['ledger', 'verify'],
    ['lcu', 'list'],
    ['keys', 'list'],
    ['uptime'],
    ['support-bundle', join(folder, 'b.tar')],
  ])
    await runProgram(program, [...command, ...config]);
  t.is(await running.stop(), 0);
  t.false(existsSync(said), existsSync(said) ? readFileSync(said, 'utf8') : '');
});
