import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { pause, systemTimers } from '@farola/shared';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { leavesOf, overwritePage } from '../fakes/damaged-page.js';
import { tinyDiskTest } from '../fakes/disk-test.js';
import type { FleetStatus } from '@farola/collector/status/fleet-status.js';
import { type TinyDisk, tinyDisk } from '../fakes/tiny-disk.js';
import { counts, openStage, type Stage, until } from './stage.js';
import { journalOf, ledgerOf } from './stored.js';

/** A stage with the state of one side on a disk of its own. */
async function stageOn(
  t: ExecutionContext,
  side: 'agent' | 'collector',
  kilobytes: number,
): Promise<{ stage: Stage; disk: TinyDisk }> {
  const stage = await openStage(t);
  const folder = join(stage.folder, side);
  execFileSync('cp', ['-a', folder, `${folder}-before`]);
  const disk = tinyDisk(t, kilobytes, folder);
  execFileSync('cp', ['-a', `${folder}-before/.`, folder]);
  return { stage, disk };
}

async function lines(stage: Stage, name: 'agent' | 'collector', what: string): Promise<string[]> {
  const log = await stage.log(name).catch(() => '');
  return log.split('\n').filter((line) => line.includes(what));
}

async function rounds(stage: Stage, more: number): Promise<void> {
  const before = (await counts(stage)).rounds;
  await until(async () => (await counts(stage)).rounds >= before + more, `${more} rounds`);
}

/** Every entry of the journal but the newest few is stored, and each number once: `ledgerOf` throws otherwise. */
async function allStored(t: ExecutionContext, stage: Stage): Promise<number> {
  const journal = journalOf(stage);
  const stored = await ledgerOf(stage);
  const missing = journal.filter(({ epoch, n, bytes }) => stored.get(`${epoch}/${n}`) !== bytes);
  t.true(missing.length <= 8, `${missing.length} of ${journal.length} are not stored`);
  return stored.size;
}

tinyDiskTest(
  'the disk of the collector is full, then not: the LCU stays connected, and all that it measured is stored once',
  async (t) => {
    t.timeout(180_000);
    const { stage, disk } = await stageOn(t, 'collector', 4_000);
    const collector = await stage.startCollector();
    await stage.enrol();
    const agent = stage.startAgent();
    await rounds(stage, 3);
    disk.fill();
    await until(async () => (await lines(stage, 'collector', '"code":"disk-failure"')).length > 0, 'the disk is full');
    await rounds(stage, 8);
    const failures = await lines(stage, 'collector', '"code":"disk-failure"');
    t.true(failures.length <= 4, 'once each for the ledger, the state, the rounds and the aggregates');
    t.is((await counts(stage)).connected, 1);
    const told = await runProgram('collector', ['status', '--config', stage.paths.collectorConfig]);
    t.regex(told, /^NOTHING IS STORED disk-failure: .*; see that there is room/m);
    const checked = await tryProgram('collector', ['status', '--check', '--config', stage.paths.collectorConfig]);
    t.not(checked.exit, 0);
    disk.free();
    await until(async () => (await lines(stage, 'collector', 'over: answers cannot be stored')).length === 1, 'it is over');
    await rounds(stage, 3);
    const after = await runProgram('collector', ['status', '--json', '--config', stage.paths.collectorConfig]);
    t.is((JSON.parse(after) as FleetStatus).collector.notStored, null);
    await pause(systemTimers, 3_000);
    const uptime = await runProgram('collector', ['uptime', LCU, '--json', '--config', stage.paths.collectorConfig]);
    const { spells, roundsUp } = JSON.parse(uptime) as { spells: { code: string }[]; roundsUp: number };
    t.true(roundsUp > 3);
    t.deepEqual(
      spells.filter(({ code }) => code !== 'lcu-not-connected'),
      [],
      'no LCU is charged with our disk',
    );
    t.is((await lines(stage, 'agent', '"connected"')).length, 1, 'one connection');
    t.is(await agent.stop(), 0);
    t.is(await collector.stop(), 0);
    t.log(`${await allStored(t, stage)} entries stored`);
  },
);

tinyDiskTest('the disk of an agent is full, then not: it runs on, and no sample is lost', async (t) => {
  t.timeout(180_000);
  const { stage, disk } = await stageOn(t, 'agent', 4_000);
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await rounds(stage, 3);
  disk.fill();
  const status = async (): Promise<{ run: { pid: number; sampling: { taken: number; lost: number; waiting: number } } }> =>
    JSON.parse(await runProgram('agent', ['status', '--json', '--config', stage.paths.agentConfig])) as never;
  const before = await status();
  await until(async () => (await status()).run.sampling.waiting > 0, 'entries wait in memory');
  await pause(systemTimers, 5_000);
  const during = await status();
  t.true(during.run.sampling.taken > before.run.sampling.taken);
  t.true((await lines(stage, 'agent', 'SQLITE_FULL')).length <= 2, 'once for samples and once for acks');
  disk.free();
  await until(async () => (await status()).run.sampling.waiting === 0, 'they are written');
  await rounds(stage, 3);
  const after = await status();
  t.is(after.run.pid, before.run.pid);
  t.is(after.run.sampling.lost, 0);
  t.is((await lines(stage, 'agent', 'the journal is written again')).length, 1);
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  const stored = await allStored(t, stage);
  const entries = journalOf(stage).length;
  // What was taken after the last poll is in the journal, and on its way.
  t.true(entries > after.run.sampling.taken, `${entries} entries, ${after.run.sampling.taken} samples, ${stored} stored`);
});

tinyDiskTest('an agent that is started on a full disk waits for room, without ending, and then begins', async (t) => {
  t.timeout(180_000);
  const { stage, disk } = await stageOn(t, 'agent', 4_000);
  await stage.startCollector();
  await stage.enrol();
  disk.fill();
  const agent = stage.startAgent();
  await until(async () => (await lines(stage, 'agent', '"code":"disk-failure"')).length > 0, 'it says so');
  await pause(systemTimers, 12_000);
  t.is(agent.ended(), undefined);
  t.is((await lines(stage, 'agent', '"code":"disk-failure"')).length, 1, 'once');
  disk.free();
  await until(async () => (await counts(stage)).connected === 1, 'it begins');
  await rounds(stage, 2);
  disk.fill();
  t.is(await agent.stop(), 0, 'and stops in order on a full disk');
});

test('a collector with a damaged page in its ledger starts, and says which file and what to do', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  let collector = await stage.startCollector();
  await stage.enrol();
  stage.startAgent();
  await rounds(stage, 10);
  t.is(await collector.stop(), 0);
  const ledger = join(stage.folder, 'collector', 'ledger');
  const file = join(ledger, `${new Date().toISOString().slice(0, 7)}.db`);
  for (const leaf of leavesOf(file, 'answers')) overwritePage(file, leaf);
  collector = await stage.startCollector();
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects');
  const { exit, err } = await tryProgram('collector', ['poll', LCU, '--config', stage.paths.collectorConfig]);
  t.is(exit, 74);
  t.regex(err, /^error: .*\.db does not agree with itself: .*\nhint: restore the file from its backup\n$/);
  t.true(err.includes(file));
  t.true((await lines(stage, 'collector', 'a file is damaged')).length >= 1);
  t.is((await readFile(stage.paths.log('collector'), 'utf8')).includes('"level":"fatal"'), false);
  t.is(await collector.stop(), 0);
});
