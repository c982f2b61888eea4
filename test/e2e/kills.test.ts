import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pause, sha256, systemTimers } from '@farola/shared';
import { counts, openStage, until } from './stage.js';
import { backlogOf, journalOf, ledgerOf } from './stored.js';

const SEED = Number(process.env['FAROLA_SEED'] ?? 1);
const KILLS = process.env['FAROLA_LONG'] === '1' ? 200 : 20;

/** The same fractions for the same seed. */
function fractions(seed: number): () => number {
  let counter = 0;
  return () => Buffer.from(sha256(Buffer.from(`${seed}/${counter++}`))).readUInt32BE(0) / 2 ** 32;
}

test(`loses nothing and counts nothing twice over ${KILLS} kills of agent and collector`, async (t) => {
  t.timeout(KILLS * 20_000);
  t.log(`FAROLA_SEED=${SEED}`);
  const random = fractions(SEED);
  const stage = await openStage(t);
  let collector = await stage.startCollector();
  await stage.enrol();
  let agent = stage.startAgent();
  const acknowledged = new Map<string, string>();
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(systemTimers, 300 + random() * 2200);
    if (random() < 0.5) {
      await agent.kill();
      agent = stage.startAgent();
    } else {
      await collector.kill();
      for (const [id, bytes] of await ledgerOf(stage)) {
        t.is(acknowledged.get(id) ?? bytes, bytes, `${id} changed`);
        acknowledged.set(id, bytes);
      }
      collector = await stage.startCollector();
    }
  }
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects again');
  const { rounds } = await counts(stage);
  await until(async () => (await counts(stage)).rounds >= rounds + 3, 'three rounds more');
  await until(() => backlogOf(stage).then((backlog) => backlog === 0), 'the backlog is collected');
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);

  const stored = await ledgerOf(stage);
  for (const [id, bytes] of acknowledged) t.is(stored.get(id), bytes, `${id} was stored once and must stay`);
  const journal = journalOf(stage);
  const last = new Map(journal.map(({ epoch, n }) => [epoch, n]));
  const missing = journal.filter(({ epoch, n, bytes }) => stored.get(`${epoch}/${n}`) !== bytes);
  const unsent = missing.filter(({ epoch }) => epoch === journal.at(-1)?.epoch);
  t.is(missing.length, unsent.length, 'only the newest entries of the last epoch may be on their way');
  t.true(unsent.length <= 8, `${unsent.length} on their way`);
  t.true(acknowledged.size > 0 && stored.size >= acknowledged.size);
  t.true(last.size >= 2, `${last.size} epochs`);
  t.log(`${stored.size} entries of ${last.size} epochs, ${readdirSync(join(stage.folder, 'collector', 'ledger')).length} files`);
});
