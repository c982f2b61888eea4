import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import { LedgerFolder } from '@farola/collector/ledger/sqlite-ledger-folder.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 11, 1) - 1;
const DECEMBER = Date.UTC(2026, 11, 1);

/** SQLite that looks at a folder of the ledger as a reader does, before and after each statement that a writer runs. */
function watched(t: ExecutionContext, folder: string): { sqlite: typeof Database; looks: () => number } {
  let looks = 0;
  const look = (): void => {
    const reader = new LedgerFolder(Database, folder, { writable: false });
    t.notThrows(() => [...reader.newestFirst()], `look ${++looks}`);
    reader.close();
  };
  class Watched extends Database {
    override exec(sql: string): this {
      look();
      super.exec(sql);
      look();
      return this;
    }

    override pragma(source: string, options?: Database.PragmaOptions): unknown {
      look();
      const told = super.pragma(source, options);
      look();
      return told;
    }
  }
  return { sqlite: Watched as unknown as typeof Database, looks: () => looks };
}

test('a reader never meets the file of a new month before it is whole', (t) => {
  const folder = temporaryFolder(t);
  const { sqlite, looks } = watched(t, folder);
  const writer = new LedgerFolder(sqlite, folder, { writable: true });
  t.teardown(() => writer.close());
  writer.fileAt(NOVEMBER);
  writer.fileAt(DECEMBER);
  t.true(looks() > 10);
  t.deepEqual(writer.months, ['2026-11', '2026-12']);
  t.is(writer.file('2026-12').db.pragma('journal_mode', { simple: true }), 'wal');
  t.is(writer.file('2026-12').db.pragma('page_size', { simple: true }), 8192);
});

test('what a writer left that was killed while it made a month does not stand in the way', async (t) => {
  const folder = temporaryFolder(t);
  for (const suffix of ['', '-wal', '-shm', '-journal']) writeFileSync(join(folder, `2026-11.db.new${suffix}`), 'half of a file');
  const chain = new TestChain().grow(2);
  const ledger = await openSqliteLedger({ folder });
  t.deepEqual(ledger.append([testAnswer(chain, 1, 2, { receivedAtMs: NOVEMBER })]).length, 1);
  ledger.close();
  t.deepEqual(
    readdirSync(folder).filter((name) => name.includes('.new')),
    [],
  );
  const reader = await openSqliteLedgerReader(folder);
  t.teardown(() => reader.close());
  t.is(reader.rowOf(0, chain.epoch, 2)?.receivedAtMs, NOVEMBER);
});

test('a month for which there is no room leaves nothing, and is made when there is', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(1);
  const full = await openSqliteLedger({ folder, maxPages: 2 });
  t.throws(() => full.append([testAnswer(chain, 1, 1, { receivedAtMs: NOVEMBER })]), { code: 'disk-failure' });
  t.false(existsSync(join(folder, '2026-11.db')));
  full.close();
  t.deepEqual(
    readdirSync(folder).filter((name) => name.includes('2026')),
    [],
  );
  const roomy = await openSqliteLedger({ folder });
  t.teardown(() => roomy.close());
  t.is(roomy.append([testAnswer(chain, 1, 1, { receivedAtMs: NOVEMBER })]).length, 1);
});
