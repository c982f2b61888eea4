import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { pause, systemTimers } from '@farola/shared';
import { runProgram } from '#scripts/demo/programs.js';
import { breakingDiskTest } from '../fakes/disk-test.js';
import { type BreakingDisk, breakingDisk } from '../fakes/tiny-disk.js';
import { untilFree } from '../fakes/until-free.js';
import { counts, openStage, type Stage, until } from './stage.js';
import { journalOf, ledgerOf } from './stored.js';

/** A stage with the state of one side on a disk that can break. */
async function stageOn(t: ExecutionContext, side: 'agent' | 'collector'): Promise<{ stage: Stage; disk: BreakingDisk }> {
  const stage = await openStage(t);
  const folder = join(stage.folder, side);
  execFileSync('cp', ['-a', folder, `${folder}-before`]);
  const disk = breakingDisk(t, 64, folder);
  execFileSync('cp', ['-a', `${folder}-before/.`, folder]);
  // Our programs bring what they write onto the disk themselves.
  execFileSync('sync', ['--file-system', folder]);
  return { stage, disk };
}

async function lines(stage: Stage, name: 'agent' | 'collector', ...what: readonly string[]): Promise<string[]> {
  const log = await stage.log(name).catch(() => '');
  return log.split('\n').filter((line) => what.every((one) => line.includes(one)));
}

async function rounds(stage: Stage, more: number): Promise<void> {
  const before = (await counts(stage)).rounds;
  await until(async () => (await counts(stage)).rounds >= before + more, `${more} rounds`);
}

/** Every entry of the journal but the newest few is stored, and each number once: `ledgerOf` throws otherwise. */
async function allStored(t: ExecutionContext, stage: Stage): Promise<void> {
  const journal = journalOf(stage);
  const stored = await ledgerOf(stage);
  const missing = journal.filter(({ epoch, n, bytes }) => stored.get(`${epoch}/${n}`) !== bytes);
  t.true(missing.length <= 8, `${missing.length} of ${journal.length} are not stored`);
  t.log(`${journal.length} entries in the journal, ${stored.size} stored`);
}

breakingDiskTest(
  'the disk of a collector turns read-only, is unmounted, mended and mounted: it runs on all the while, and loses nothing',
  async (t) => {
    t.timeout(180_000);
    const { stage, disk } = await stageOn(t, 'collector');
    const collector = await stage.startCollector();
    await stage.enrol();
    const agent = stage.startAgent();
    await rounds(stage, 3);
    disk.break();
    await until(
      async () => (await lines(stage, 'collector', 'answers cannot be stored', 'disk-failure')).length > 0,
      'it is told',
    );
    await rounds(stage, 5);
    t.is((await counts(stage)).connected, 1);
    t.is((await lines(stage, 'collector', 'answers cannot be stored')).length, 1, 'once');

    disk.unplug();
    await untilFree(disk, 300);
    await pause(systemTimers, 3_000);
    t.is((await lines(stage, 'collector', 'was unmounted', 'disk-failure')).length, 1, 'once');
    t.is(collector.ended(), undefined);
    disk.plug();
    await until(
      async () => (await lines(stage, 'collector', 'over: the disk of the state was unmounted')).length === 1,
      'it is over',
    );
    await until(async () => (await counts(stage).catch(() => ({ connected: 0 }))).connected === 1, 'the LCU is back');
    await rounds(stage, 3);
    t.is(await agent.stop(), 0);
    t.is(await collector.stop(), 0);
    t.deepEqual(await lines(stage, 'collector', '"level":"fatal"'), []);
    await allStored(t, stage);
  },
);

breakingDiskTest(
  'the disk of an agent turns read-only, is unmounted, mended and mounted: it samples on, and loses nothing',
  async (t) => {
    t.timeout(180_000);
    const { stage, disk } = await stageOn(t, 'agent');
    const collector = await stage.startCollector();
    await stage.enrol();
    const agent = stage.startAgent();
    await rounds(stage, 3);
    interface Running {
      pid: number;
      epoch: string;
      sampling: { taken: number; lost: number; waiting: number };
    }
    const status = async (): Promise<Running> => {
      const told = await runProgram('agent', ['status', '--json', '--config', stage.paths.agentConfig]);
      return (JSON.parse(told) as { run: Running }).run;
    };
    const before = await status();
    disk.break();
    await until(async () => (await status()).sampling.waiting > 0, 'entries wait in memory');
    await rounds(stage, 3);
    t.is((await counts(stage)).connected, 1, 'what is stored can still be asked for');

    disk.unplug();
    await untilFree(disk, 300);
    await pause(systemTimers, 3_000);
    t.is(agent.ended(), undefined);
    disk.plug();
    await until(async () => (await lines(stage, 'agent', 'the journal is written again')).length === 1, 'they are written');
    await rounds(stage, 3);
    const after = await status();
    t.deepEqual([after.pid, after.epoch, after.sampling.lost], [before.pid, before.epoch, 0]);
    t.is(await agent.stop(), 0);
    t.is(await collector.stop(), 0);
    await allStored(t, stage);
    t.true(journalOf(stage).length > after.sampling.taken, 'every sample is in the journal');
  },
);
