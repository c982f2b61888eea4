import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test from 'ava';
import { codeOf, toHex } from '@farola/shared';
import { ledgerKeyParts, SLOT_MS } from '@farola/collector/ledger/ledger-key.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer, testGap } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 11, 1) - 1;
const DECEMBER = Date.UTC(2026, 11, 1);
const runs = (holding: { runs: readonly { from: number; to: number }[] }): string =>
  holding.runs.map(({ from, to }) => `${from}-${to}`).join(' ');

test('one file for each month of receipt, in UTC', async (t) => {
  const folder = temporaryFolder(t);
  const ledger = await openSqliteLedger({ folder });
  const chain = new TestChain().grow(2);
  ledger.append([testAnswer(chain, 1, 1, { receivedAtMs: NOVEMBER })]);
  ledger.append([testAnswer(chain, 2, 2, { receivedAtMs: DECEMBER })]);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.db'));
  t.deepEqual(files, ['2026-11.db', '2026-12.db']);
  t.deepEqual(
    [...ledger.rows(0, 0, Infinity)].map(({ first }) => first),
    [1, 2],
  );
  t.deepEqual(
    [...ledger.rowsFrom(0)].map(({ first }) => first),
    [1, 2],
  );
  t.deepEqual(
    [...ledger.rows(0, DECEMBER, DECEMBER)].map(({ first }) => first),
    [2],
  );
  ledger.close();
});

test('a wall clock that is behind after a restart finds the ordinals that are free', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(9);
  const ordinals: number[] = [];
  for (let run = 0; run < 3; run++) {
    const ledger = await openSqliteLedger({ folder });
    for (const slot of [0, 1, 2]) {
      const n = run * 3 + slot + 1;
      const [key = -1] = ledger.append([testAnswer(chain, n, n, { receivedAtMs: DECEMBER + slot * SLOT_MS })]);
      ordinals.push(ledgerKeyParts(key).ordinal);
    }
    ledger.close();
  }
  t.deepEqual(ordinals, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
});

test('an epoch that spans months is held as one, also after reopening and without the old file', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(40);
  const january = Date.UTC(2027, 0, 15);
  const first = await openSqliteLedger({ folder });
  first.append([testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }), testAnswer(chain, 31, 35, { receivedAtMs: NOVEMBER })]);
  first.append([testAnswer(chain, 11, 15, { receivedAtMs: DECEMBER, gaps: [testGap(chain, 36, 38)] })]);
  first.append([testAnswer(chain, 21, 25, { receivedAtMs: january })]);
  t.is(runs(first.holding(0, chain.epoch)), '1-15 21-25 31-38');
  first.close();

  const second = await openSqliteLedger({ folder });
  const holding = second.holding(0, chain.epoch);
  t.is(runs(holding), '1-15 21-25 31-38');
  t.deepEqual(
    holding.runs.map(({ prev, head }) => [toHex(prev), toHex(head)]),
    [
      [0, 15],
      [20, 25],
      [30, 38],
    ].map(([a, b]) => [toHex(chain.head(a!)), toHex(chain.head(b!))]),
  );
  for (const n of [1, 10, 11, 25, 33, 38]) t.is(toHex(second.headAt(0, chain.epoch, n)!), toHex(chain.head(n)), `h(${n})`);
  for (const n of [16, 36, 39]) t.is(second.headAt(0, chain.epoch, n), undefined, `h(${n})`);
  t.is(second.rowOf(0, chain.epoch, 5)?.receivedAtMs, NOVEMBER);
  t.throws(() => second.append([testAnswer(chain, 5, 5, { receivedAtMs: january })]), { instanceOf: RangeError });
  t.throws(() => second.append([testAnswer(chain, 30, 32, { receivedAtMs: january })]), { instanceOf: RangeError });
  second.append([testAnswer(chain, 16, 20, { receivedAtMs: january })]);
  t.is(runs(second.holding(0, chain.epoch)), '1-25 31-38');
  second.close();

  await rm(join(folder, '2026-11.db'));
  const third = await openSqliteLedger({ folder });
  t.is(runs(third.holding(0, chain.epoch)), '1-25 31-38');
  t.is(third.headAt(0, chain.epoch, 5), undefined);
  t.is(toHex(third.headAt(0, chain.epoch, 10)!), toHex(chain.head(10)), 'the end of what was carried');
  third.close();
});

test('one append goes to one file, and no key is given twice over the end of a month', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(9);
  const ledger = await openSqliteLedger({ folder });
  const keys = [
    ...ledger.append([testAnswer(chain, 1, 1, { receivedAtMs: NOVEMBER })]),
    ...ledger.append([testAnswer(chain, 2, 2, { receivedAtMs: NOVEMBER }), testAnswer(chain, 3, 3, { receivedAtMs: DECEMBER })]),
    ...ledger.append([testAnswer(chain, 4, 4, { receivedAtMs: NOVEMBER })]),
  ];
  ledger.close();
  const again = await openSqliteLedger({ folder });
  keys.push(...again.append([testAnswer(chain, 5, 5, { receivedAtMs: NOVEMBER })]));
  t.is(new Set(keys).size, 5);
  t.deepEqual(
    [...again.rows(0, 0, Infinity)].map(({ first }) => first),
    [1, 2, 4, 5, 3],
  );
  again.close();
});

test('a second writer is refused, and let in after the first has closed', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openSqliteLedger({ folder });
  const error = await t.throwsAsync(openSqliteLedger({ folder }));
  t.like(error, { code: 'already-running', facts: { path: folder } });
  first.close();
  const second = await openSqliteLedger({ folder });
  second.close();
});

test('a reader sees what was appended since it opened, new months included', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(9);
  const ledger = await openSqliteLedger({ folder });
  const reader = await openSqliteLedgerReader(folder);
  t.deepEqual([...reader.rows(0, 0, Infinity)], []);
  const [november] = ledger.append([testAnswer(chain, 1, 4, { receivedAtMs: NOVEMBER })]);
  t.is(reader.rowOf(0, chain.epoch, 3)?.key, november);
  const [december] = ledger.append([testAnswer(chain, 5, 9, { receivedAtMs: DECEMBER })]);
  t.deepEqual(
    [...reader.rows(0, 0, Infinity)].map(({ key }) => key),
    [november, december],
  );
  t.deepEqual(
    reader.ownedBy(december!).map(({ from, to }) => [from, to]),
    [[5, 9]],
  );
  ledger.close();
  t.is(reader.rowOf(0, chain.epoch, 9)?.key, december);
  reader.close();
  const later = await openSqliteLedgerReader(folder);
  t.is(later.rowOf(0, chain.epoch, 9)?.key, december);
  later.close();
});

test('what a row owns is found in whichever file it lies, and of what owns nothing in none', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(9);
  const ledger = await openSqliteLedger({ folder });
  t.teardown(() => ledger.close());
  const [older] = ledger.append([testAnswer(chain, 1, 4, { receivedAtMs: NOVEMBER })]);
  const [nothing] = ledger.append([testAnswer(chain, 1, 4, { receivedAtMs: NOVEMBER, first: 5 })]);
  const reader = await openSqliteLedgerReader(folder);
  t.teardown(() => reader.close());
  const [newer] = ledger.append([testAnswer(chain, 5, 9, { receivedAtMs: DECEMBER })]);
  const owned = [older, nothing, newer].map((key) => reader.ownedBy(key!).map(({ from, to }) => [from, to]));
  t.deepEqual(owned, [[[1, 4]], [], [[5, 9]]]);
  t.deepEqual(reader.ownedBy(older!)[0]?.epoch, reader.row(older!)?.epoch);
});

test('a reader may stop in the middle, and the writer goes on while it reads', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(600);
  const ledger = await openSqliteLedger({ folder });
  for (let n = 1; n <= 500; n++) ledger.append([testAnswer(chain, n, n, { receivedAtMs: NOVEMBER - n * 1000 })]);
  let count = 0;
  for (const row of ledger.rowsFrom(0)) {
    if (count++ === 3) ledger.append([testAnswer(chain, 501, 501, { receivedAtMs: NOVEMBER, lcuNo: 5 })]);
    if (row.lcuNo === 5) break;
  }
  t.is(count, 501);
  ledger.close();
});

test('reading a folder that is not there says what to run', async (t) => {
  const error = await t.throwsAsync(openSqliteLedgerReader(join(temporaryFolder(t), 'none')));
  t.is(codeOf(error), 'not-initialised');
});

test('a gap of one month gives way to bytes of another, and of one that is held nothing is owned twice', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(40);
  const ledger = await openSqliteLedger({ folder });
  t.teardown(() => ledger.close());
  ledger.append([testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER, gaps: [testGap(chain, 11, 30)] })]);
  ledger.append([testAnswer(chain, 31, 32, { receivedAtMs: DECEMBER })]);
  ledger.append([testAnswer(chain, 15, 20, { receivedAtMs: DECEMBER })]);
  t.is(runs(ledger.holding(0, chain.epoch)), '1-32');
  t.deepEqual(ledger.detail(0, chain.epoch, 1, 40).byteless, [
    { from: 11, to: 14 },
    { from: 21, to: 30 },
  ]);
  for (const [from, to] of [
    [20, 21],
    [9, 12],
    [8, 9],
  ] as const) {
    t.throws(() => ledger.append([testAnswer(chain, from, to, { receivedAtMs: DECEMBER })]), { instanceOf: RangeError });
  }
});

test('the ledger can be read with nothing but SQLite', async (t) => {
  const folder = temporaryFolder(t);
  const chain = new TestChain().grow(5);
  const ledger = await openSqliteLedger({ folder });
  const [key] = ledger.append([testAnswer(chain, 1, 5, { lcuNo: 7, receivedAtMs: NOVEMBER })]);
  ledger.close();
  const db = new Database(join(folder, '2026-11.db'), { readonly: true });
  t.teardown(() => db.close());
  t.is(db.pragma('journal_mode', { simple: true }), 'wal');
  t.deepEqual(db.prepare('SELECT lcu_no, from_n, to_n, key FROM ranges JOIN epochs USING (epoch_no)').all(), [
    { lcu_no: 7, from_n: 1, to_n: 5, key },
  ]);
  t.is(db.prepare('SELECT typeof(received_at_ms) FROM answers').pluck().get(), 'integer');
});
