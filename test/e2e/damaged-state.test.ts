import { copyFileSync, renameSync, rmSync } from 'node:fs';
import test from 'ava';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { LCU } from '#scripts/demo/set-up.js';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { leavesOf, overwritePage } from '../fakes/damaged-page.js';
import { openStage, type Stage, until } from './stage.js';
import { ledgerOf } from './stored.js';

interface Line {
  readonly level?: string;
  readonly code?: string;
  readonly path?: string;
  readonly hint?: string;
  readonly msg?: string;
}

const HINT = 'restore the file from its backup';
/** A line of a stack, in a text or within JSON. */
const STACK = /(^|\n|\\n)\s+at \S+ ?\(?\S*:\d+/;

/** Overwrites the leaves of a table as a disk does that loses blocks. */
function damage(path: string, table: string): void {
  for (const leaf of leavesOf(path, table)) overwritePage(path, leaf);
}

async function entriesStored({ paths }: Stage): Promise<number> {
  const state = await openSqliteState({ path: paths.stateDb });
  const lcu = state.fleet.find(LCU);
  const contact = lcu && state.derived.contact(lcu.lcuNo);
  state.close();
  return contact?.entriesStored ?? 0;
}

/** A stage whose LCU has delivered something, with both programs stopped, and where its state is copied. */
async function stopped(stage: Stage): Promise<string> {
  const { stateDb } = stage.paths;
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await entriesStored(stage)) >= 5, 'five entries');
  await agent.stop();
  await collector.stop();
  const copy = `${stateDb}.copy`;
  copyFileSync(stateDb, copy);
  return copy;
}

test('a damaged page of the fleet: the collector does not start, and says which file it is and what to do', async (t) => {
  t.timeout(300_000);
  const stage = await openStage(t);
  const { stateDb, collectorConfig } = stage.paths;
  const copy = await stopped(stage);
  const before = await ledgerOf(stage);
  for (const table of ['lcus', 'lcu_keys']) {
    damage(stateDb, table);
    const { exit, out, err } = await tryProgram('collector', ['run', '--config', collectorConfig]);
    t.is(exit, 74, table);
    t.regex(
      err,
      /^error: \S+state\.db does not agree with itself: .*SQLITE_CORRUPT.*\nhint: restore the file from its backup\n$/,
      table,
    );
    t.notRegex(out, STACK);
    copyFileSync(copy, stateDb);
  }
  await stage.startCollector();
  t.deepEqual(await ledgerOf(stage), before);
});

test('a damaged page of what is derived, under a collector that runs: told with the file, stored all the same, and made again from the ledger', async (t) => {
  t.timeout(300_000);
  const stage = await openStage(t);
  const { stateDb, collectorConfig } = stage.paths;
  const copy = await stopped(stage);
  const collector = await stage.startCollector();
  const agent = stage.startAgent();
  damage(stateDb, 'latest');
  // What another process writes makes the collector read its pages anew.
  await runProgram('collector', ['lcu', 'add', 'malaga-0777', '--panel', 'alameda-7', '--config', collectorConfig]);
  const told = async (): Promise<Line[]> =>
    (await stage.log('collector'))
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []))
      .filter(({ level }) => level === 'error');
  const unwritten = ({ msg }: Line): boolean => msg === 'state could not be read or written';
  await until(async () => (await told()).some(unwritten), 'a line of the log');
  const stored = (await ledgerOf(stage)).size;
  await until(async () => (await ledgerOf(stage)).size > stored + 3, 'what is stored in spite of it');
  const lines = await told();
  t.is(lines.filter(unwritten).length, 1, 'told once');
  for (const { code, path, hint } of lines) t.deepEqual([code, path, hint], ['ledger-corrupt', stateDb, HINT]);
  const asked = await tryProgram('collector', ['readings', '--config', collectorConfig]);
  t.is(asked.exit, 74);
  t.regex(asked.err, /^error: \S+state\.db does not agree with itself: .*\nhint: restore the file from its backup\n$/);
  t.is(collector.ended(), undefined);
  await agent.stop();
  t.is(await collector.stop(), 0);
  t.notRegex(await stage.log('collector'), STACK);

  renameSync(stateDb, `${stateDb}.damaged`);
  for (const beside of ['-wal', '-shm']) rmSync(`${stateDb}${beside}`, { force: true });
  copyFileSync(copy, stateDb);
  await stage.startCollector();
  t.is(await entriesStored(stage), (await ledgerOf(stage)).size, 'all that was stored meanwhile is derived');
  t.true((await runProgram('collector', ['readings', '--config', collectorConfig])).includes('activePower'));
});
