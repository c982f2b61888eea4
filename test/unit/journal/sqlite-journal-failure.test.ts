import { execFile } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beginJournal } from '@farola/agent/journal/sqlite-begin.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-journal.js';
import { FarolaError, systemRandom, WANT } from '@farola/shared';
import test from 'ava';
import Database from 'better-sqlite3';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START, openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

const optionsOf = (folder: string, lcuId = 'malaga-0042') => ({
  path: join(folder, 'journal.sqlite'),
  lcuId,
  maxBytes: 1e9,
  clock: new FakeTime(),
  random: systemRandom,
});

async function filled(folder: string, count = 100): Promise<void> {
  const journal = await openTestJournal(folder);
  for (let i = 0; i < count; i++) journal.append(sampleEntry(i, 10));
  journal.close();
}

function alter(folder: string, sql: string): void {
  const db = new Database(join(folder, 'journal.sqlite'));
  db.exec(sql);
  db.close();
}

for (const [what, sql] of [
  ['an altered entry', "UPDATE entry SET bytes = x'8101' WHERE n = 90"],
  ['an altered head', 'UPDATE entry SET head = zeroblob(32) WHERE n = 101'],
  ['a missing entry', 'DELETE FROM entry WHERE n = 80'],
] as const) {
  test(`opening refuses a journal with ${what} at its end`, async (t) => {
    const folder = temporaryFolder(t);
    await filled(folder);
    alter(folder, sql);
    await t.throwsAsync(openSqliteJournal(optionsOf(folder)), { code: 'journal-corrupt' });
    await t.throwsAsync(openSqliteJournal(optionsOf(folder)), { code: 'journal-corrupt' }, 'the lock was released');
  });
}

test('a missing entry in the middle is told when it is asked for, and newer ones are still given', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder, 400);
  alter(folder, 'DELETE FROM entry WHERE n = 20');
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  const epoch = journal.openEpochs()[0]![0];
  t.throws(() => journal.select([WANT.range, epoch, 0, 100]), { code: 'journal-corrupt' });
  t.like(journal.select([WANT.range, epoch, 21, 100]), { from: 22, to: 99 });
});

test('opening refuses a file that is no database', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'journal.sqlite'), 'x'.repeat(10_000));
  await t.throwsAsync(openSqliteJournal(optionsOf(folder)), { code: 'journal-corrupt' });
});

test('opening refuses the database of another program', async (t) => {
  const folder = temporaryFolder(t);
  alter(folder, 'CREATE TABLE a (b)');
  await t.throwsAsync(openSqliteJournal(optionsOf(folder)), { code: 'journal-corrupt' });
});

test('opening refuses a journal of a newer format, and that of another LCU', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder, 1);
  await t.throwsAsync(openSqliteJournal(optionsOf(folder, 'malaga-0043')), { code: 'journal-corrupt' });
  alter(folder, 'PRAGMA user_version = 2');
  await t.throwsAsync(openSqliteJournal(optionsOf(folder)), { code: 'journal-corrupt' });
});

test('opening refuses a path whose folder is not there', async (t) => {
  await t.throwsAsync(openSqliteJournal(optionsOf('/nonexistent')), { code: 'disk-failure' });
});

test('a page of garbage is told with a code, never as an SqliteError', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder, 2_000);
  const size = readFileSync(join(folder, 'journal.sqlite')).length;
  const file = openSync(join(folder, 'journal.sqlite'), 'r+');
  for (let page = 4; page < size / 4096 - 8; page++) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(file);
  const run = async (): Promise<void> => {
    const journal = await openTestJournal(folder);
    try {
      for (const [epoch] of journal.openEpochs()) journal.select([WANT.range, epoch, 0, 2_000]);
    } finally {
      journal.close();
    }
  };
  await t.throwsAsync(run(), { instanceOf: FarolaError, code: 'journal-corrupt' });
});

test('a journal that does not agree with itself is set aside for a new one, and the newest two are kept', async (t) => {
  const folder = temporaryFolder(t);
  const time = new FakeTime();
  for (let i = 0; i < 4; i++) {
    writeFileSync(join(folder, 'journal.sqlite'), `not a journal ${i}`.repeat(100));
    const told: string[] = [];
    const journal = await beginJournal({ ...optionsOf(folder), clock: time }, EPOCH_START, (error, path) =>
      told.push(error.code, path),
    );
    t.is(journal.append(sampleEntry(1)), 2);
    journal.close();
    t.is(told[0], 'journal-corrupt');
    t.true(existsSync(told[1]!));
    await time.advance(1_000);
  }
  const kept = readdirSync(folder).filter((name) => name.includes('damaged'));
  t.is(kept.length, 2);
  t.true(kept.some((name) => readFileSync(join(folder, name), 'utf8').startsWith('not a journal 3')));
});

test('on a full disk an append fails with a code, and the numbers go on without a hole once there is room', async (t) => {
  const folder = join(temporaryFolder(t), 'state');
  mkdirSync(folder);
  const child = fileURLToPath(new URL('../../fakes/full-disk-journal.js', import.meta.url));
  // The kernel refuses to let a file grow beyond `ulimit -f` blocks of 512 bytes; dash counts so.
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `trap '' XFSZ; ulimit -f 400; exec "$0" "$1" "$2"`,
    process.execPath,
    child,
    folder,
  ]);
  const told = JSON.parse(stdout) as { codes: string[]; kept: number; last: number };
  t.true(told.codes.length > 0);
  t.deepEqual([...new Set(told.codes)], ['disk-failure']);
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  const [[epoch, first, last] = [journal.epoch, 0, 0]] = journal.openEpochs();
  t.true(last >= told.last);
  t.is(journal.select([WANT.range, epoch, first - 1, last + 1]).from, first);
});
