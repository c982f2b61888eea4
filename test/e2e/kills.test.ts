import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Sqlite from 'better-sqlite3';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import {
  ANSWER,
  chainHead,
  chainSeed,
  cutItems,
  cutOut,
  parseMessage,
  pause,
  sha256,
  systemTimers,
  toBeSigned,
  toHex,
} from '@farola/shared';
import { LCU } from '#scripts/demo/set-up.js';
import { nodeVerify } from '../fakes/test-signer.js';
import { counts, openStage, type Stage, until } from './stage.js';

const SEED = Number(process.env['FAROLA_SEED'] ?? 1);
const KILLS = process.env['FAROLA_LONG'] === '1' ? 200 : 20;

const FAR_FUTURE_MS = Date.UTC(2100, 0);

/** The same fractions for the same seed. */
function fractions(seed: number): () => number {
  let counter = 0;
  return () => Buffer.from(sha256(Buffer.from(`${seed}/${counter++}`))).readUInt32BE(0) / 2 ** 32;
}

interface Journalled {
  readonly epoch: string;
  readonly n: number;
  readonly bytes: string;
}

function journalOf({ folder }: Stage): Journalled[] {
  const db = new Sqlite(join(folder, 'agent', 'journal.sqlite'), { readonly: true });
  const rows = db.prepare('SELECT epoch, n, bytes FROM entry JOIN epoch ON id = epoch_id ORDER BY id, n').all();
  db.close();
  return (rows as { epoch: Uint8Array; n: number; bytes: Uint8Array }[]).map((row) => ({
    epoch: toHex(row.epoch),
    n: row.n,
    bytes: toHex(row.bytes),
  }));
}

async function backlogOf({ paths }: Stage): Promise<number> {
  const state = await openSqliteState({ path: paths.stateDb });
  const lcu = state.fleet.find(LCU);
  const contact = lcu && state.derived.contact(lcu.lcuNo);
  state.close();
  return contact?.backlog ?? Infinity;
}

/** Reads all that the collector owns, proving every row on the way. */
async function ledgerOf({ folder, paths }: Stage): Promise<Map<string, string>> {
  const state = await openSqliteState({ path: paths.stateDb });
  const lcu = state.fleet.find(LCU);
  state.close();
  if (!lcu?.key) throw new Error('no LCU');
  const reader = await openSqliteLedgerReader(join(folder, 'collector', 'ledger'));
  const entries = new Map<string, string>();
  for (const row of reader.rows(lcu.lcuNo, 0, FAR_FUTURE_MS)) {
    const { protectedHeader, payload, signature } = cutOut(row.answer);
    if (!nodeVerify(lcu.key.publicKey, toBeSigned(protectedHeader, payload), signature)) throw new Error('signature');
    const answer = parseMessage(ANSWER, payload);
    if (!answer.ok) throw new Error(answer.code);
    const items = cutItems(row.entries).items;
    if (toHex(chainHead(row.base, items)) !== toHex(answer.value.head)) throw new Error('chain');
    if (row.first === 1 && toHex(row.base) !== toHex(chainSeed(LCU, row.epoch))) throw new Error('seed');
    for (const owned of reader.ownedBy(row.key)) {
      for (let n = owned.from; n <= owned.to; n++) {
        const id = `${toHex(owned.epoch)}/${n}`;
        if (entries.has(id)) throw new Error(`${id} is owned twice`);
        entries.set(id, toHex(items[n - row.first] as Uint8Array));
      }
    }
  }
  reader.close();
  return entries;
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
