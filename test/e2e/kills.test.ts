import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { pause, sha256, systemTimers, toHex } from '@farola/shared';
import { LCU } from '#scripts/demo/set-up.js';
import { openTestJournal, sampleEntry } from '../fakes/test-journal.js';
import { counts, openStage, type Stage, until } from './stage.js';
import { backlogOf, journalOf, ledgerOf, newestEpochOf, owedOf } from './stored.js';

const SEED = Number(process.env['FAROLA_SEED'] ?? 1);
const LONG = process.env['FAROLA_LONG'] === '1';
/** SIGKILLs of each program that find it at work: connected, and what it is for begun and committed since it was started. */
const KILLS = LONG ? 200 : 10;
/** Share of the kills that do not wait until the pair is connected: while programs start, or look for each other. */
const EARLY = 0.2;
/** Entries that wait in the journal each time that the agent is started: an epoch of its own, of two analysers. */
const WAITING = 600;
/** Kills of the collector after which all that it holds is proven and compared, which takes a while. */
const PROVEN_EVERY = LONG ? 10 : 1;

/** The same fractions for the same seed. */
function fractions(seed: number): () => number {
  let counter = 0;
  return () => Buffer.from(sha256(Buffer.from(`${seed}/${counter++}`))).readUInt32BE(0) / 2 ** 32;
}

/** Puts a backlog into the journal of an agent that does not run, so that the next kill finds both programs at work. Gives its epoch. */
async function load(stage: Stage): Promise<string> {
  const journal = await openTestJournal(join(stage.folder, 'agent'), { lcuId: LCU });
  for (let i = 0; i < WAITING; i++) journal.append({ ...sampleEntry(i, 40), analyser: i % 2 });
  const { epoch } = journal;
  journal.close();
  return toHex(epoch);
}

/** Key of the newest answer that the collector has stored. */
async function newestStored({ folder }: Stage): Promise<number> {
  const reader = await openSqliteLedgerReader(join(folder, 'collector', 'ledger'));
  const { last } = reader.keySpan();
  reader.close();
  return last;
}

test(`D36: loses nothing and counts nothing twice over ${KILLS} kills of the agent at work and ${KILLS} of the collector`, async (t) => {
  t.timeout(KILLS * 40_000);
  t.log(`FAROLA_SEED=${SEED}`);
  const random = fractions(SEED);
  const stage = await openStage(t);
  let collector = await stage.startCollector();
  await stage.enrol();
  let loaded = await load(stage);
  const loads = new Set([loaded]);
  let agent = stage.startAgent();
  let stored = await newestStored(stage);
  const acknowledged = new Map<string, string>();
  const left = { agent: KILLS, collector: KILLS };
  let [kills, delivering] = [0, 0];
  const isConnected = async (): Promise<boolean> => (await counts(stage)).connected === 1;
  const atWork = {
    agent: async () => newestEpochOf(stage) !== loaded && (await isConnected()),
    collector: async () => (await newestStored(stage)) > stored && (await isConnected()),
  };
  while (left.agent + left.collector > 0) {
    t.true(++kills <= 4 * KILLS, `of ${kills} kills these are left that find a program at work: ${JSON.stringify(left)}`);
    const victim = random() * (left.agent + left.collector) < left.agent ? 'agent' : 'collector';
    if (random() >= EARLY) await until(atWork[victim], `the ${victim} is at work`);
    // Deliveries follow the connection at once, and a poll each second.
    await pause(systemTimers, random() ** 2 * 1_250);
    if (await atWork[victim]()) {
      left[victim]--;
      delivering += Number(owedOf(stage) > 8);
    }
    if (victim === 'agent') {
      await agent.kill();
      loads.add((loaded = await load(stage)));
      agent = stage.startAgent();
    } else {
      await collector.kill();
      if (kills % PROVEN_EVERY === 0) {
        for (const [id, bytes] of await ledgerOf(stage)) {
          t.true((acknowledged.get(id) ?? bytes) === bytes, `${id} changed`);
          acknowledged.set(id, bytes);
        }
      }
      stored = await newestStored(stage);
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

  const held = await ledgerOf(stage);
  for (const [id, bytes] of acknowledged) t.true(held.get(id) === bytes, `${id} was stored once and must stay`);
  const journal = journalOf(stage);
  const epochs = [...new Set(journal.map(({ epoch }) => epoch))];
  const missing = journal.filter(({ epoch, n, bytes }) => held.get(`${epoch}/${n}`) !== bytes);
  const unsent = missing.filter(({ epoch }) => epoch === journal.at(-1)?.epoch);
  t.is(missing.length, unsent.length, 'only entries of the last epoch may be on their way');
  t.deepEqual(unsent, journal.slice(journal.length - unsent.length), 'and of those the newest');
  t.true(unsent.length <= 8, `${unsent.length} on their way`);
  t.true(acknowledged.size > 0 && held.size >= acknowledged.size);
  const own = epochs.filter((epoch) => !loads.has(epoch));
  t.true(own.length > KILLS, `${own.length} epochs of the agent`);
  t.log(`${kills} kills, ${2 * KILLS} of them at work, ${delivering} of these with a backlog on its way`);
  t.log(
    `${held.size} entries of ${epochs.length} epochs, ${readdirSync(join(stage.folder, 'collector', 'ledger')).length} files`,
  );
});
