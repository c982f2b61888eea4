import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { tinyDiskTest } from '../fakes/disk-test.js';
import { tinyDisk } from '../fakes/tiny-disk.js';
import { counts, openStage, type Stage, until } from './stage.js';

/** What an operator looks at, each as a command. */
const LOOKS = [
  ['status'],
  ['lcu', 'list'],
  ['lcu', 'show', LCU],
  ['panel', 'list'],
  ['readings', LCU],
  ['readings', LCU, '--from', '-1h', '--csv'],
  ['readings', LCU, '--interval', '15min', '--from', '-1h'],
  ['uptime'],
  ['events'],
  ['release', 'list'],
  ['platform', 'list'],
  ['ledger', 'verify'],
] as const;

const COLLECTOR = fileURLToPath(new URL('../../../collector/bin/farola-collector', import.meta.url));

function run(command: string, args: readonly string[], variables: Readonly<Record<string, string>>) {
  return new Promise<{ exit: number; err: string }>((resolve) => {
    execFile(command, args, { env: { ...process.env, ...variables } }, (error, _, err) =>
      resolve({ exit: Number(error?.code ?? 0), err }),
    );
  });
}

/** A stage whose collector has served an LCU for a while, and is stopped. */
async function servedStage(t: ExecutionContext): Promise<Stage> {
  const stage = await openStage(t);
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 3, 'three rounds');
  await until(() => existsSync(join(stage.folder, 'collector', 'aggregates.db')), 'aggregates');
  await agent.stop();
  await collector.stop();
  return stage;
}

tinyDiskTest(
  'a stopped collector on a disk that takes no writes is read as any other, and the copies are told and gone',
  async (t) => {
    t.timeout(180_000);
    const stage = await servedStage(t);
    const folder = join(stage.folder, 'collector');
    renameSync(folder, `${folder}-before`);
    const disk = tinyDisk(t, 65_536, folder);
    execFileSync('cp', ['-a', `${folder}-before/.`, folder]);
    disk.makeReadOnly();
    t.false(
      readdirSync(folder).some((name) => name.endsWith('-wal')),
      'it was stopped in order',
    );
    for (const look of LOOKS) {
      const { exit, err, out } = await tryProgram('collector', [...look, '--config', stage.paths.collectorConfig]);
      t.is(exit, 0, `${look.join(' ')}: ${err}`);
      t.true(out.length > 0, look.join(' '));
      t.regex(err, /^(note: \S+\/collector\/\S+\.db is on a disk that takes no writes; a copy of it is read\n)+/);
    }
    t.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('farola-read-')),
      [],
    );
    const nowhere = { TMPDIR: join(folder, 'nowhere') };
    for (const look of [
      ['lcu', 'list'],
      ['readings', LCU],
    ]) {
      const { exit, err } = await run(COLLECTOR, [...look, '--config', stage.paths.collectorConfig], nowhere);
      t.is(exit, 64, err);
      t.regex(err, /error: \S+nowhere cannot be used: no copy can be made there \([^\n]+\); TMPDIR names another folder\n/);
    }
    const act = await tryProgram('collector', [
      'panel',
      'set',
      'plaza',
      '--time-zone',
      'Europe/Madrid',
      '--config',
      stage.paths.collectorConfig,
    ]);
    t.not(act.exit, 0);
  },
);

test('looking where no collector was ever made makes nothing and says so', async (t) => {
  const stage = await openStage(t);
  const folder = join(stage.folder, 'collector');
  renameSync(folder, `${folder}-away`);
  mkdirSync(folder);
  for (const look of LOOKS) {
    const { exit, err } = await tryProgram('collector', [...look, '--config', stage.paths.collectorConfig]);
    t.is(exit, 78, `${look.join(' ')}: ${err}`);
    t.regex(err, /^error: \S+ is not there\nhint: run `farola-collector --config \S+ init` first\n$/, look.join(' '));
  }
  t.deepEqual(readdirSync(folder), []);
});

test('looking before the first start makes no file but that of the fleet', async (t) => {
  const stage = await openStage(t);
  for (const look of [['uptime'], ['events'], ['status'], ['lcu', 'list']]) {
    await runProgram('collector', [...look, '--config', stage.paths.collectorConfig]);
  }
  const made = readdirSync(join(stage.folder, 'collector')).filter((name) => name.endsWith('.db'));
  t.deepEqual(made, ['state.db']);
});

test('a state of an older version is not brought up under a collector that runs, and is where none does', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const { collectorConfig, stateDb } = stage.paths;
  const list = () => tryProgram('collector', ['lcu', 'list', '--config', collectorConfig]);
  const version = (): number => {
    const db = new Sqlite(stateDb, { readonly: true });
    const found = Number(db.pragma('user_version', { simple: true }));
    db.close();
    return found;
  };
  const present = version();
  const makeOlder = (): void => {
    const db = new Sqlite(stateDb);
    db.exec('DROP TABLE decisions');
    db.pragma(`user_version = ${present - 1}`);
    db.close();
  };
  const collector = await stage.startCollector();
  await until(() => existsSync(join(dirname(stateDb), 'aggregates.db')), 'every part of it has opened the state');
  makeOlder();
  const refused = await list();
  t.is(refused.exit, 69, refused.err);
  t.regex(refused.err, /^error: \S+state\.db is of an older version[^\n]+\nhint: restart the collector/);
  t.is(version(), present - 1);
  await collector.stop();
  t.is((await list()).exit, 0);
  t.is(version(), present);
});
