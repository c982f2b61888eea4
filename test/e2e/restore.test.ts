import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { counts, openStage, until } from './stage.js';
import { journalOf, ledgerOf } from './stored.js';

test('D38: a collector restored from its backup asks for the epochs that it acknowledged and lost', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const [live, backup] = [join(stage.folder, 'collector'), join(stage.folder, 'backup')];
  let collector = await stage.startCollector();
  await stage.enrol();
  let agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 3, 'three rounds');
  t.is(await collector.stop(), 0);
  await cp(live, backup, { recursive: true });

  collector = await stage.startCollector();
  for (let restart = 0; restart < 3; restart++) {
    await until(async () => (await counts(stage)).connected === 1, 'the LCU connects');
    const { rounds } = await counts(stage);
    await until(async () => (await counts(stage)).rounds >= rounds + 3, 'three rounds more');
    await agent.stop();
    agent = stage.startAgent();
  }
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects');
  t.is(await collector.stop(), 0);
  await rm(live, { recursive: true });
  await cp(backup, live, { recursive: true });

  await stage.startCollector();
  await until(async () => {
    const stored = await ledgerOf(stage);
    const journal = journalOf(stage);
    const present = journal.at(-1)?.epoch;
    return journal.every(({ epoch, n, bytes }) => epoch === present || stored.get(`${epoch}/${n}`) === bytes);
  }, 'every past epoch is stored again');
  const epochs = new Set(journalOf(stage).map(({ epoch }) => epoch));
  t.true(epochs.size >= 4, `${epochs.size} epochs`);
});
