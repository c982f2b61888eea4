import { join } from 'node:path';
import Database from 'better-sqlite3';
import test from 'ava';
import { codeOf, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer, testGap } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 11, 1) - 1;
const DECEMBER = Date.UTC(2026, 11, 1);
const runs = (holding: { runs: readonly { from: number; to: number }[] }): string =>
  holding.runs.map(({ from, to }) => `${from}-${to}`).join(' ');

test('a file of a newer version is refused and left as it is', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(2);
  const ledger = await openSqliteLedger({ folder });
  ledger.append([testAnswer(chain, 1, 1, { receivedAtMs: NOVEMBER })]);
  ledger.close();
  const db = new Database(join(folder, '2026-11.db'));
  db.pragma('user_version = 6');
  db.close();
  const reader = await openSqliteLedgerReader(folder);
  t.teardown(() => reader.close());
  const error = t.throws(() => reader.rowOf(0, chain.epoch, 1));
  t.like(error, { code: 'store-newer', facts: { version: 6, known: 5 } });
  const writer = await openSqliteLedger({ folder });
  t.teardown(() => writer.close());
  t.is(codeOf(t.throws(() => writer.append([testAnswer(chain, 2, 2, { receivedAtMs: NOVEMBER })]))), 'store-newer');
});

test('a file of version 1 is brought up when it is written: what its gaps told is told', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(40);
  const ledger = await openSqliteLedger({ folder });
  ledger.append([testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER, gaps: [testGap(chain, 21, 30)] })]);
  ledger.append([testAnswer(chain, 35, 36, { receivedAtMs: DECEMBER })]);
  ledger.close();
  for (const month of ['2026-11', '2026-12']) {
    const db = new Database(join(folder, `${month}.db`));
    db.exec('DROP TABLE told_heads; DROP TABLE shared; DROP TABLE recent');
    db.pragma('user_version = 1');
    db.close();
  }
  const reader = await openSqliteLedgerReader(folder);
  t.is(reader.rowOf(0, chain.epoch, 5)?.receivedAtMs, NOVEMBER, 'a file that was not brought up can be read');
  reader.close();
  const again = await openSqliteLedger({ folder });
  t.teardown(() => again.close());
  t.is(runs(again.holding(0, chain.epoch)), '1-10 21-30 35-36');
  for (const n of [20, 30]) t.is(toHex(again.headAt(0, chain.epoch, n)!), toHex(chain.head(n)));
  t.deepEqual(again.detail(0, chain.epoch, 15, 25).byteless, [{ from: 21, to: 25 }]);
  again.append([testAnswer(chain, 22, 24, { receivedAtMs: DECEMBER })]);
  t.is(again.rowOf(0, chain.epoch, 23)?.receivedAtMs, DECEMBER);
});

test('a file of version 2 is read as it is, and brought up when it is written: a branch goes into it', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(20);
  const fork = chain.forkAt(11);
  const ledger = await openSqliteLedger({ folder });
  const [key = 0] = ledger.append([testAnswer(chain, 1, 20, { receivedAtMs: NOVEMBER })]);
  ledger.close();
  const db = new Database(join(folder, '2026-11.db'));
  db.exec('DROP TABLE shared; DROP TABLE recent');
  db.pragma('user_version = 2');
  db.close();
  const id = branchId(chain.epoch, 1);
  const reader = await openSqliteLedgerReader(folder);
  t.is(reader.rowOf(0, chain.epoch, 5)?.receivedAtMs, NOVEMBER);
  t.is(reader.rowOf(0, id, 5), undefined);
  reader.close();
  const months = await openSqliteLedgerMonths(folder);
  t.is(months.open('2026-11').epochs(0, 9).length, 1);
  t.deepEqual(months.open('2026-11').pieces(1), [
    { of: 'range', from: 1, to: 20, key, source: null, prev: null, head: null, hasRow: true },
  ]);
  t.is(runs(months.heldBefore('2026-12', 0, chain.epoch)), '1-20');
  months.close();
  const again = await openSqliteLedger({ folder });
  t.teardown(() => again.close());
  again.append([
    testAnswer(fork, 11, 15, { receivedAtMs: NOVEMBER + 1, id, shares: [{ id, source: chain.epoch, ...chain.held(1, 10) }] }),
  ]);
  t.is(again.branches(0, chain.epoch), 2);
  t.is(runs(again.holding(0, id)), '1-15');
  t.is(runs(again.holding(0, chain.epoch)), '1-20');
});

test('a file of version 3 is read as it is, and brought up when it is written: what was shared is shared with the first chain', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(20);
  const [fork, other] = [chain.forkAt(11), chain.forkAt(11).forkAt(14)];
  const [one, two] = [branchId(chain.epoch, 1), branchId(chain.epoch, 2)];
  const before = await openSqliteLedger({ folder });
  before.append([testAnswer(chain, 1, 20, { receivedAtMs: NOVEMBER })]);
  const shares = [{ id: one, source: chain.epoch, ...chain.held(1, 10) }];
  before.append([testAnswer(fork, 11, 15, { receivedAtMs: NOVEMBER, id: one, shares })]);
  before.close();
  const db = new Database(join(folder, '2026-11.db'));
  db.exec('DROP TABLE recent; ALTER TABLE shared DROP COLUMN source');
  db.pragma('user_version = 3');
  db.close();
  const reader = await openSqliteLedgerReader(folder);
  t.deepEqual(
    reader.sharedOf(0, one).map(({ from, to, source }) => [from, to, toHex(source)]),
    [[1, 10, toHex(chain.epoch)]],
  );
  reader.close();
  const again = await openSqliteLedger({ folder });
  t.teardown(() => again.close());
  const parts = [
    { id: two, source: chain.epoch, ...chain.held(1, 10) },
    { id: two, source: one, ...fork.held(11, 13) },
  ];
  again.append([testAnswer(other, 14, 16, { receivedAtMs: DECEMBER, id: two, shares: parts })]);
  for (const n of [5, 10, 12, 13, 15]) t.is(toHex(again.headAt(0, two, n)!), toHex(other.head(n)));
  t.is(toHex(again.rowOf(0, two, 12)!.epoch), toHex(one));
  t.is(toHex(again.rowOf(0, one, 5)!.epoch), toHex(chain.epoch));
  t.is(runs(again.holding(0, two)), '1-16');
});
