import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { ANSWER, chainHead, chainSeed, cutItems, cutOut, parseMessage, toBeSigned, toHex } from '@farola/shared';
import { LCU } from '#scripts/demo/set-up.js';
import { nodeVerify } from '../fakes/test-signer.js';
import type { Stage } from './stage.js';

const FAR_FUTURE_MS = Date.UTC(2100, 0);

/** An entry of the agent's journal. */
export interface Journalled {
  readonly epoch: string;
  readonly n: number;
  readonly bytes: string;
}

/** Everything that the agent's journal holds, in order. */
export function journalOf({ folder }: Stage): Journalled[] {
  const db = new Sqlite(join(folder, 'agent', 'journal.sqlite'), { readonly: true });
  const rows = db.prepare('SELECT epoch, n, bytes FROM entry JOIN epoch ON id = epoch_id ORDER BY id, n').all();
  db.close();
  return (rows as { epoch: Uint8Array; n: number; bytes: Uint8Array }[]).map((row) => ({
    epoch: toHex(row.epoch),
    n: row.n,
    bytes: toHex(row.bytes),
  }));
}

/** The epoch that was begun last in the agent's journal. */
export function newestEpochOf(stage: Stage): string {
  return toHex(askJournal(stage, 'SELECT epoch FROM epoch ORDER BY id DESC LIMIT 1') as Uint8Array);
}

/** Entries of the agent's journal that no ack covers. */
export function owedOf(stage: Stage): number {
  const end = 'coalesce((SELECT max(n) FROM entry WHERE epoch_id = id), floor)';
  return askJournal(stage, `SELECT sum(max(0, ${end} - acked)) FROM epoch`) as number;
}

function askJournal({ folder }: Stage, sql: string): unknown {
  const db = new Sqlite(join(folder, 'agent', 'journal.sqlite'), { readonly: true });
  const value = db.prepare(sql).pluck().get();
  db.close();
  return value;
}

/** Entries that the LCU said are waiting, at its last answer. */
export async function backlogOf({ paths }: Stage): Promise<number> {
  const state = await openSqliteState({ path: paths.stateDb });
  const lcu = state.fleet.find(LCU);
  const contact = lcu && state.derived.contact(lcu.lcuNo);
  state.close();
  return contact?.backlog ?? Infinity;
}

/** Everything that the collector owns, by epoch and number, proving every row on the way. */
export async function ledgerOf({ folder, paths }: Stage): Promise<Map<string, string>> {
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
