import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { codeOf, toHex } from '@farola/shared';
import type { Ledger, LedgerReader } from '@farola/collector/ledger/ledger.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import Database from 'better-sqlite3';
import { AuditScene, told } from '../../fakes/audit-scene.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 10, 15, 12);
const DECEMBER = Date.UTC(2026, 11, 1);

type Place = Readonly<Record<'recent' | 'ranges', number>>;

/** How many ranges lie where, as another process sees it. */
function places(folder: string, month = '2026-11'): Place {
  const db = new Database(join(folder, `${month}.db`), { readonly: true });
  const count = (table: string): number => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
  const found = { recent: count('recent'), ranges: count('ranges') };
  db.close();
  return found;
}

/** All that the ledger tells of entries 1 to `last` of a chain. */
function toldOf(ledger: Ledger & LedgerReader, { epoch }: TestChain, last: number): readonly unknown[] {
  return [
    ledger.holding(0, epoch).runs.map(({ from, to, prev, head }) => [from, to, toHex(prev), toHex(head)]),
    Array.from({ length: last }, (_, i) => ledger.rowOf(0, epoch, i + 1)?.key),
    Array.from({ length: last }, (_, i) => toHex(ledger.headAt(0, epoch, i + 1) ?? new Uint8Array())),
    [...ledger.keysFrom(0)].map((key) => ledger.ownedBy(key).map(({ from, to }) => [key, from, to])),
    ledger.detail(0, epoch, 1, last),
    [...ledger.oneOfEach()].map(({ lcuNo }) => lcuNo),
  ];
}

async function filled(t: ExecutionContext, recentRows: number): Promise<{ folder: string; ledger: Ledger & LedgerReader }> {
  const folder = temporaryFolder(t);
  const ledger = await openSqliteLedger({ folder, recentRows });
  t.teardown(() => ledger.close());
  return { folder, ledger };
}

test('ranges are put in order when there are enough of them, and are the same before and after', async (t) => {
  const { folder, ledger } = await filled(t, 4);
  const chain = new TestChain().grow(60);
  // The third adds two ranges, of which one goes where it belongs at once.
  const around = { ...testAnswer(chain, 21, 45, { receivedAtMs: NOVEMBER }), adds: [chain.held(21, 30), chain.held(41, 45)] };
  ledger.append([testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER }), testAnswer(chain, 31, 40, { receivedAtMs: NOVEMBER })]);
  ledger.append([around]);
  ledger.settle();
  t.deepEqual(places(folder), { recent: 3, ranges: 1 }, 'three are not enough');
  const before = toldOf(ledger, chain, 60);
  ledger.append([testAnswer(new TestChain('malaga-0042', 9).grow(5), 1, 5, { lcuNo: 3, receivedAtMs: NOVEMBER })]);
  const [withOther, owned] = [toldOf(ledger, chain, 60), ledger.rowOf(0, chain.epoch, 25)?.key];
  t.deepEqual(withOther.slice(0, 3), before.slice(0, 3));
  ledger.settle();
  t.deepEqual(places(folder), { recent: 0, ranges: 5 });
  t.deepEqual(toldOf(ledger, chain, 60), withOther);
  t.is(ledger.rowOf(0, chain.epoch, 45)?.key, owned);
  t.throws(() => ledger.append([testAnswer(chain, 20, 20, { receivedAtMs: NOVEMBER })]), { instanceOf: RangeError });
});

test('an entry that is recent cannot be owned again', async (t) => {
  const { ledger } = await filled(t, 100);
  const chain = new TestChain().grow(20);
  ledger.append([testAnswer(chain, 5, 10, { receivedAtMs: NOVEMBER })]);
  for (const [from, to] of [
    [10, 12],
    [1, 5],
    [7, 8],
  ] as const) {
    t.throws(() => ledger.append([testAnswer(chain, from, to, { receivedAtMs: NOVEMBER })]), { instanceOf: RangeError });
  }
});

test('what a process left in disorder is found by the next, and put in order by it', async (t) => {
  const { folder, ledger } = await filled(t, 100);
  const chain = new TestChain().grow(30);
  for (const from of [1, 11, 21]) ledger.append([testAnswer(chain, from, from + 9, { receivedAtMs: NOVEMBER })]);
  const left = temporaryFolder(t);
  cpSync(folder, left, { recursive: true });
  t.deepEqual(places(left), { recent: 3, ranges: 0 });
  const reader = await openSqliteLedgerReader(left);
  t.is(reader.rowOf(0, chain.epoch, 15)?.first, 11);
  reader.close();
  const next = await openSqliteLedger({ folder: left, recentRows: 4 });
  t.deepEqual(toldOf(next, chain, 30), toldOf(ledger, chain, 30));
  t.throws(() => next.append([testAnswer(chain, 30, 30, { receivedAtMs: NOVEMBER })]), { instanceOf: RangeError });
  next.append([testAnswer(chain.grow(31), 31, 31, { receivedAtMs: NOVEMBER })]);
  next.settle();
  t.deepEqual(places(left), { recent: 0, ranges: 4 });
  next.close();
});

test('ranges of a month that is over, and those at the end of a process, are put in order however few they are', async (t) => {
  const { folder, ledger } = await filled(t, 100);
  const chain = new TestChain().grow(30);
  ledger.append([testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER })]);
  ledger.append([testAnswer(chain, 11, 20, { receivedAtMs: DECEMBER })]);
  ledger.settle();
  t.deepEqual(places(folder), { recent: 0, ranges: 1 });
  t.deepEqual(places(folder, '2026-12'), { recent: 1, ranges: 0 });
  ledger.close();
  t.deepEqual(places(folder, '2026-12'), { recent: 0, ranges: 1 });
});

test('those of 512 epochs are moved at a time, and the rest at the next calls', async (t) => {
  const { folder, ledger } = await filled(t, 600);
  const chain = new TestChain().grow(1);
  ledger.append(Array.from({ length: 600 }, (_, lcuNo) => testAnswer(chain, 1, 1, { lcuNo, receivedAtMs: NOVEMBER })));
  ledger.settle();
  t.deepEqual(places(folder), { recent: 88, ranges: 512 });
  ledger.settle();
  ledger.settle();
  t.deepEqual(places(folder), { recent: 0, ranges: 600 });
  ledger.append([testAnswer(chain, 1, 1, { lcuNo: 600, receivedAtMs: NOVEMBER })]);
  ledger.settle();
  t.deepEqual(places(folder), { recent: 1, ranges: 600 }, 'it waits for others');
});

test('what a process that was killed left in the file of another month is put in order', async (t) => {
  const { folder, ledger } = await filled(t, 100);
  const chain = new TestChain().grow(30);
  ledger.append([testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER })]);
  const left = temporaryFolder(t);
  cpSync(folder, left, { recursive: true });
  const next = await openSqliteLedger({ folder: left });
  t.teardown(() => next.close());
  next.append([testAnswer(chain, 11, 20, { receivedAtMs: DECEMBER })]);
  next.settle();
  t.deepEqual(places(left), { recent: 0, ranges: 1 });
});

test('a full disk keeps ranges where they are: none is lost, and they are put in order when there is room', async (t) => {
  const folder = temporaryFolder(t);
  const tight = await openSqliteLedger({ folder, maxPages: 100, recentRows: 1 });
  const chain = new TestChain();
  const full = t.throws(() => {
    for (let n = 1; n <= 5000; n++) tight.append([testAnswer(chain.grow(n), n, n, { receivedAtMs: NOVEMBER + n * 1000 })]);
  });
  t.is(codeOf(full), 'disk-failure');
  const { recent } = places(folder);
  t.is(codeOf(t.throws(() => tight.settle())), 'disk-failure');
  t.deepEqual(places(folder), { recent, ranges: 0 });
  t.is(tight.rowOf(0, chain.epoch, recent)?.first, recent);
  t.deepEqual(
    tight.holding(0, chain.epoch).runs.map(({ from, to }) => [from, to]),
    [[1, recent]],
  );
  tight.close();
  const roomy = await openSqliteLedger({ folder, recentRows: 1 });
  t.teardown(() => roomy.close());
  roomy.append([testAnswer(chain.grow(recent + 1), recent + 1, recent + 1, { receivedAtMs: NOVEMBER + (recent + 1) * 1000 })]);
  roomy.settle();
  t.deepEqual(places(folder), { recent: 0, ranges: recent + 1 });
});

test('a range that was made up in the place of a recent one hides it not: the audit tells both', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(20);
  await scene.append(testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }));
  const ledger = await openSqliteLedger({ folder: scene.folder, recentRows: 1 });
  ledger.append([testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER })]);
  scene.harm('2026-11', 'INSERT INTO ranges SELECT epoch_no, 11, 11, key FROM ranges WHERE from_n = 1');
  ledger.settle();
  ledger.close();
  t.deepEqual(places(scene.folder), { recent: 1, ranges: 2 });
  const report = told(await scene.audit());
  t.true(
    report.some((line) => line.endsWith('11..11 owned twice')),
    report.join('\n'),
  );
});
