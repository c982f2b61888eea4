import { chmodSync, closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import { codeOf, type ErrorCode, FarolaError, toHex } from '@farola/shared';
import { readingsBetween } from '@farola/collector/api/query-readings.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import type { Ledger, LedgerReader } from '@farola/collector/ledger/ledger.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { MemoryDerived } from '../../fakes/memory-fleet.js';
import { runPowerlessNode } from '../../fakes/powerless-node.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';
import { tinyDisk } from '../../fakes/tiny-disk.js';

const chain = new TestChain().grow(3000);

/** Five entries, in answers of two LCUs. */
function append(ledger: Ledger, n: number): void {
  ledger.append([testAnswer(chain, n, n + 1), testAnswer(chain, n + 2, n + 4, { lcuNo: 1 })]);
}

/** Appends five entries at a time until it fails; gives the last entry that was stored and the failure. */
function fill(ledger: Ledger, from: number): { last: number; error: unknown } {
  for (let n = from; n + 4 <= chain.last; n += 5) {
    try {
      append(ledger, n);
    } catch (error) {
      return { last: n - 1, error };
    }
  }
  throw new Error('the disk did not fill');
}

function failedWith(t: ExecutionContext, code: ErrorCode, error: unknown, path: string): void {
  t.true(error instanceof FarolaError);
  t.is(codeOf(error), code);
  t.true(String((error as FarolaError).facts['path']).startsWith(path));
}

/** What both LCUs of `fill` have stored is whole up to the last answer that was acknowledged. */
function holdsUpTo(t: ExecutionContext, ledger: Ledger & LedgerReader, last: number): void {
  t.is([...ledger.rowsFrom(0)].length, (last / 5) * 2);
  t.is(ledger.holding(0, chain.epoch).last, last - 3);
  t.is(ledger.holding(1, chain.epoch).last, last);
}

test('a full disk refuses an append whole, and the ledger goes on when there is space again', async (t) => {
  const disk = tinyDisk(t, 800);
  const folder = disk?.folder ?? temporaryFolder(t);
  const ballast = join(folder, 'ballast');
  if (disk) writeFileSync(ballast, new Uint8Array(200_000));
  let ledger = await openSqliteLedger({ folder, ...(disk ? {} : { maxPages: 60 }) });
  t.teardown(() => ledger.close());
  const first = fill(ledger, 1);
  failedWith(t, 'disk-failure', first.error, folder);
  t.true(first.last > 0);
  holdsUpTo(t, ledger, first.last);
  const { last, error } = fill(ledger, first.last + 1);
  failedWith(t, 'disk-failure', error, folder);
  holdsUpTo(t, ledger, last);

  if (disk) {
    rmSync(ballast);
  } else {
    ledger.close();
    ledger = await openSqliteLedger({ folder });
  }
  for (let n = last + 1; n <= last + 15; n += 5) append(ledger, n);
  holdsUpTo(t, ledger, last + 15);
});

test('a full disk is refused when it shows while a new month begins', async (t) => {
  const folder = temporaryFolder(t);
  const ledger = await openSqliteLedger({ folder, maxPages: 2 });
  t.teardown(() => ledger.close());
  failedWith(
    t,
    'disk-failure',
    t.throws(() => ledger.append([testAnswer(chain, 1, 1)])),
    folder,
  );
});

test('a read-only disk is told as such', async (t) => {
  const disk = tinyDisk(t, 4000);
  if (!disk) {
    const error = await t.throwsAsync(openSqliteLedger({ folder: '/proc/farola/ledger' }));
    failedWith(t, 'disk-failure', error, '/proc/farola');
    return;
  }
  const ledger = await openSqliteLedger({ folder: join(disk.folder, 'ledger') });
  ledger.append([testAnswer(chain, 1, 5)]);
  ledger.close();
  disk.makeReadOnly();
  failedWith(t, 'disk-failure', await t.throwsAsync(openSqliteLedger({ folder: join(disk.folder, 'ledger') })), disk.folder);
  failedWith(t, 'disk-failure', await t.throwsAsync(openSqliteLedger({ folder: join(disk.folder, 'other') })), disk.folder);
});

/** A closed ledger with 500 entries, each in a row of its own. */
async function written(t: ExecutionContext): Promise<{ folder: string; file: string }> {
  const folder = temporaryFolder(t);
  const ledger = await openSqliteLedger({ folder });
  ledger.append(Array.from({ length: 500 }, (_, i) => testAnswer(chain, i + 1, i + 1)));
  ledger.close();
  return { folder, file: join(folder, '2026-11.db') };
}

function overwrite(file: string, offset: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, offset);
  closeSync(handle);
}

test('a damaged page is told as such, with the file', async (t) => {
  const { folder, file } = await written(t);
  const pages = readFileSync(file).length / 4096;
  for (let page = 8; page < pages; page++) overwrite(file, page * 4096, new Uint8Array(100).fill(0xee));
  const ledger = await openSqliteLedger({ folder });
  t.teardown(() => ledger.close());
  failedWith(
    t,
    'ledger-corrupt',
    t.throws(() => [...ledger.rowsFrom(0)]),
    file,
  );
  const reader = await openSqliteLedgerReader(folder);
  t.teardown(() => reader.close());
  failedWith(
    t,
    'ledger-corrupt',
    t.throws(() => [...reader.rows(0, 0, Infinity)]),
    file,
  );
});

for (const [what, damage] of [
  ['no database', (file: string) => writeFileSync(file, 'this is a letter, not a ledger\n'.repeat(300))],
  ['cut off', (file: string) => truncateSync(file, 9000)],
] as const) {
  test(`a file that is ${what} is told as such`, async (t) => {
    const { folder, file } = await written(t);
    damage(file);
    const ledger = await openSqliteLedger({ folder });
    t.teardown(() => ledger.close());
    failedWith(
      t,
      'ledger-corrupt',
      t.throws(() => ledger.holding(0, chain.epoch)),
      file,
    );
    failedWith(
      t,
      'ledger-corrupt',
      t.throws(() => ledger.append([testAnswer(chain, 501, 501)])),
      file,
    );
  });
}

for (const [what, sql] of [
  ['an altered entry', "UPDATE answers SET entries = x'8143820101' WHERE key = (SELECT max(key) FROM answers)"],
  ['entries that are no list', "UPDATE answers SET entries = x'00'"],
  ['an altered answer', "UPDATE answers SET answer = x'00'"],
  ['an altered base', 'UPDATE answers SET base = zeroblob(32)'],
  ['a missing row', 'DELETE FROM answers'],
  ['an entry that is owned twice', 'INSERT INTO ranges SELECT epoch_no, 400, 600, key FROM ranges WHERE from_n = 399'],
] as const) {
  test(`${what} is a fault of the disk, never a fork of the LCU`, async (t) => {
    const { folder, file } = await written(t);
    const db = new Database(file);
    if (sql.includes('400, 600')) db.exec('DELETE FROM ranges WHERE from_n = 400');
    db.exec(sql);
    db.close();
    const ledger = await openSqliteLedger({ folder });
    t.teardown(() => ledger.close());
    failedWith(
      t,
      'ledger-corrupt',
      t.throws(() => ledger.holding(0, chain.epoch)),
      file,
    );
  });
}

test('what is whole beside the damage is still given', async (t) => {
  const { folder, file } = await written(t);
  const db = new Database(file);
  db.exec("UPDATE answers SET entries = x'00' WHERE key = (SELECT min(key) FROM answers)");
  db.close();
  const ledger = await openSqliteLedger({ folder });
  t.teardown(() => ledger.close());
  t.is(toHex(ledger.headAt(0, chain.epoch, 250)!), toHex(chain.head(250)));
  t.is(codeOf(t.throws(() => ledger.headAt(0, chain.epoch, 1))), 'ledger-corrupt');
});

test('entries that cannot be read are told as a fault of the disk, whoever reads them', async (t) => {
  const { folder, file } = await written(t);
  const db = new Database(file);
  db.exec("UPDATE answers SET entries = x'00' WHERE key = (SELECT max(key) FROM answers)");
  db.close();
  const ledger = await openSqliteLedgerReader(folder);
  t.teardown(() => ledger.close());
  const derived = new MemoryDerived();
  const lcu = {
    lcuNo: 0,
    lcuId: 'x',
    state: 'active',
    panel: 'p',
    key: undefined,
    standing: null,
    addedAtMs: 0,
    assurance: 0,
  } as const;
  const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, untilMs: Number.MAX_SAFE_INTEGER };
  const source = { ledger, derived, countsAt: () => true };
  t.is(codeOf(t.throws(() => [...readingsBetween(source, { lcu }, span)])), 'ledger-corrupt');
  t.is(codeOf(t.throws(() => rebuildDerived({ ledger, derived }))), 'ledger-corrupt');
});

test('a folder that may not be written, or not be read, is refused with what to do', async (t) => {
  const folder = temporaryFolder(t);
  t.teardown(() => chmodSync(folder, 0o700));
  const script = `
    const { chmodSync } = await import('node:fs');
    const { openSqliteLedger } = await import('@farola/collector/ledger/sqlite-ledger.js');
    const { openSqliteLedgerReader } = await import('@farola/collector/ledger/sqlite-ledger-reader.js');
    const [, folder] = process.argv;
    const tell = (opened) => opened.then(() => console.log('ok'), (error) => console.log(error.code, error.facts?.path, error.hint));
    chmodSync(folder, 0o500);
    await tell(openSqliteLedger({ folder }));
    await tell(openSqliteLedger({ folder: folder + '/deeper' }));
    await tell(openSqliteLedgerReader(folder));
    chmodSync(folder, 0o000);
    await tell(openSqliteLedgerReader(folder));`;
  const stdout = await runPowerlessNode(script, fileURLToPath(new URL('../../..', import.meta.url)), folder);
  const [written, made, read, unreadable] = stdout.trim().split('\n');
  t.true(written?.startsWith(`permission-denied ${folder} run it as`));
  t.true(made?.startsWith(`permission-denied ${folder}/deeper run it as`));
  t.is(read, 'ok');
  t.regex(unreadable ?? '', /^permission-denied/);
});
