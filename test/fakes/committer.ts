import { writeSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { writeDurably } from '@farola/agent/trust/fs-durable-file.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { RECEIVED_AT_MS, testAnswer } from './test-answer.js';
import { TestChain } from './test-chain.js';
import { openTestJournal, sampleEntry } from './test-journal.js';

/** A program for tests that watch the disk: makes five commits of one kind in a folder, and prints `committed` after each. */
const COMMITS = 5;

/** Opens a store in the folder; what it gives makes the commit of this number, from 0 on. */
const STORES: Readonly<Record<string, (folder: string) => Promise<(i: number) => unknown>>> = {
  async entry(folder) {
    const journal = await openTestJournal(folder);
    return (i) => journal.append(sampleEntry(i));
  },
  async answer(folder) {
    const ledger = await openSqliteLedger({ folder });
    const chain = new TestChain().grow(COMMITS);
    return (i) => ledger.append([testAnswer(chain, i + 1, i + 1)]);
  },
  async judgement(folder) {
    const ledger = await openSqliteLedger({ folder });
    const judgement = { lcuNo: 1, judgedAtMs: RECEIVED_AT_MS, code: 'chain-fork', facts: {}, key: null, kept: null } as const;
    return () => ledger.judge(judgement);
  },
  async fleet(folder) {
    const { fleet } = await openSqliteState({ path: join(folder, 'state.db') });
    const invite = (i: number): unknown => {
      const tokenHash = new Uint8Array(32).fill(i);
      return fleet.invite(`malaga-000${i}`, `alameda-${i}`, { tokenHash, expiresAtMs: RECEIVED_AT_MS }, 0);
    };
    return invite;
  },
  async file(folder) {
    return (i) => writeDurably(join(folder, 'identity.json'), String(i));
  },
  // What the others are held against: a store that a power cut may take commits from.
  async unsynced(folder) {
    const db = new Sqlite(join(folder, 'unsynced.db'));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.exec('CREATE TABLE one (n INTEGER)');
    return (i) => db.prepare('INSERT INTO one VALUES (?)').run(i);
  },
};

const [, , kind = '', folder = ''] = process.argv;
const commit = await STORES[kind]?.(folder);
if (!commit) throw new RangeError(`no store of ${kind}`);
writeSync(1, 'opened\n');
for (let i = 0; i < COMMITS; i++) {
  await commit(i);
  writeSync(1, 'committed\n');
}
