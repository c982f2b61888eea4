import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pause, sha256, systemTimers } from '@farola/shared';
import { LCU } from '#scripts/demo/set-up.js';
import { openTestJournal, sampleEntry } from '../fakes/test-journal.js';
import { counts, openStage, type Stage, until } from './stage.js';
import { backlogOf, journalOf, ledgerOf } from './stored.js';

const SEED = Number(process.env['FAROLA_SEED'] ?? 1);
const LONG = process.env['FAROLA_LONG'] === '1';
/** SIGKILLs of each program. */
const KILLS = LONG ? 200 : 10;
/** Entries that wait in the journal each time that the agent is started: an epoch of its own, of two analysers. */
const WAITING = 600;
/** Kills of the collector after which all that it holds is proven and compared, which takes a while. */
const PROVEN_EVERY = LONG ? 10 : 1;

/** The same fractions for the same seed. */
function fractions(seed: number): () => number {
  let counter = 0;
  return () => Buffer.from(sha256(Buffer.from(`${seed}/${counter++}`))).readUInt32BE(0) / 2 ** 32;
}

/** Puts a backlog into the journal of an agent that does not run, so that the next kill finds both programs at work. */
async function load(stage: Stage): Promise<void> {
  const journal = await openTestJournal(join(stage.folder, 'agent'), { lcuId: LCU });
  for (let i = 0; i < WAITING; i++) journal.append({ ...sampleEntry(i, 40), analyser: i % 2 });
  journal.close();
}

test(`D36: loses nothing and counts nothing twice over ${KILLS} kills of the agent and ${KILLS} of the collector, under load`, async (t) => {
  t.timeout(KILLS * 40_000);
  t.log(`FAROLA_SEED=${SEED}`);
  const random = fractions(SEED);
  const stage = await openStage(t);
  let collector = await stage.startCollector();
  await stage.enrol();
  await load(stage);
  let agent = stage.startAgent();
  const acknowledged = new Map<string, string>();
  const left = { agent: KILLS, collector: KILLS };
  while (left.agent + left.collector > 0) {
    await pause(systemTimers, 50 + random() * 1_950);
    if (random() * (left.agent + left.collector) < left.agent) {
      left.agent--;
      await agent.kill();
      await load(stage);
      agent = stage.startAgent();
    } else {
      left.collector--;
      await collector.kill();
      if (left.collector % PROVEN_EVERY === 0) {
        for (const [id, bytes] of await ledgerOf(stage)) {
          t.true((acknowledged.get(id) ?? bytes) === bytes, `${id} changed`);
          acknowledged.set(id, bytes);
        }
      }
      collector = await stage.startCollector();
    }
  }
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects again');
  const { rounds } = await counts(stage);
  await until(async () => (await counts(stage)).rounds >= rounds + 3, 'three rounds more');
  // Of programs that are killed sooner than they begin to work nearly all waits; a slot of five minutes takes 512 answers.
  await until(() => backlogOf(stage).then((backlog) => backlog === 0), 'the backlog is collected', 15);
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);

  const stored = await ledgerOf(stage);
  for (const [id, bytes] of acknowledged) t.true(stored.get(id) === bytes, `${id} was stored once and must stay`);
  const journal = journalOf(stage);
  const last = new Map(journal.map(({ epoch, n }) => [epoch, n]));
  const missing = journal.filter(({ epoch, n, bytes }) => stored.get(`${epoch}/${n}`) !== bytes);
  const unsent = missing.filter(({ epoch }) => epoch === journal.at(-1)?.epoch);
  t.is(missing.length, unsent.length, 'only entries of the last epoch may be on their way');
  t.deepEqual(unsent, journal.slice(journal.length - unsent.length), 'and of those the newest');
  t.true(unsent.length <= 8, `${unsent.length} on their way`);
  t.true(acknowledged.size > 0 && stored.size >= acknowledged.size);
  t.true(last.size > KILLS, `${last.size} epochs`);
  t.log(`${stored.size} entries of ${last.size} epochs, ${readdirSync(join(stage.folder, 'collector', 'ledger')).length} files`);
});
