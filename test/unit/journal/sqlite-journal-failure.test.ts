import { execFile } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beginJournal } from '@farola/agent/journal/sqlite-begin.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import { decodeEntry, FarolaError, systemRandom, toHex, WANT } from '@farola/shared';
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
  ['an altered head', 'UPDATE entry SET head = zeroblob(32) WHERE n = 90'],
  ['a missing entry', 'DELETE FROM entry WHERE n = 80'],
] as const) {
  test(`a journal with ${what} near its end is gone on with`, async (t) => {
    const folder = temporaryFolder(t);
    await filled(folder);
    alter(folder, sql);
    const journal = await openTestJournal(folder);
    t.teardown(() => journal.close());
    const [epoch, , last] = journal.openEpochs()[0]!;
    t.is(last, 101);
    t.like(journal.select([WANT.newest, epoch, 95]), { from: 96, to: 101 });
  });
}

for (const [what, sql] of [
  ['the last entry', "UPDATE entry SET bytes = x'8101' WHERE n = 101"],
  ['the last head', 'UPDATE entry SET head = zeroblob(32) WHERE n = 101'],
] as const) {
  test(`${what} altered: the epoch ends with what can be proven, and an event says so`, async (t) => {
    const folder = temporaryFolder(t);
    await filled(folder);
    alter(folder, sql);
    const journal = await openTestJournal(folder);
    t.teardown(() => journal.close());
    const [epoch, , last] = journal.openEpochs()[0]!;
    t.is(last, 100);
    const [start, event] = journal.select([WANT.newest, journal.epoch, 0]).entries.map(decodeEntry);
    t.like(start, { kind: 'start', previous: { n: 100 } });
    t.like(event, { kind: 'event', code: 'damaged' });
    t.deepEqual(event?.kind === 'event' && event.facts.slice(1), [101, 101]);
    t.like(journal.select([WANT.range, epoch, 99, 101]), { from: 100, to: 100 });
  });
}

test('damage under a journal that runs is found when it is asked for', async (t) => {
  const folder = temporaryFolder(t);
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  for (let i = 0; i < 9; i++) journal.append(sampleEntry(i));
  alter(folder, 'DELETE FROM entry WHERE n = 10');
  const { epoch } = journal;
  t.like(journal.select([WANT.newest, epoch, 0]), { from: 11, to: 11 }, 'the event that tells of it');
  t.like(journal.gaps()[0]?.slice(1, 3), [10, 10]);
  t.is(journal.append(sampleEntry(9)), 12);
});

test('entries beside damage go when room is needed, and the gap that they leave is one', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder, 600);
  alter(folder, 'DELETE FROM entry WHERE n IN (256, 257)');
  const journal = await openTestJournal(folder, { maxBytes: 80_000 });
  t.teardown(() => journal.close());
  for (let i = 0; i < 300; i++) journal.append(sampleEntry(i, 40));
  const [[epoch, from, to, , head] = []] = journal.gaps();
  t.is(from, 1);
  t.true(to! > 258);
  if (to! < 601) t.deepEqual(journal.select([WANT.range, epoch!, to!, to! + 2]).prev, head);
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

test('the journal of a newer version, and that of another LCU, are refused and stay as they are', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder, 1);
  const told: string[] = [];
  const deps = { wasGivenUp: () => false, onSetAside: (error: FarolaError) => told.push(error.code) };
  const foreign = await t.throwsAsync<FarolaError>(beginJournal(optionsOf(folder, 'malaga-0043'), EPOCH_START, deps));
  t.like(foreign, { code: 'journal-foreign', facts: { owner: 'malaga-0042', lcu: 'malaga-0043' } });
  alter(folder, 'PRAGMA user_version = 9');
  const newer = await t.throwsAsync<FarolaError>(beginJournal(optionsOf(folder), EPOCH_START, deps));
  t.like(newer, { code: 'store-newer', facts: { version: 9, known: 3 } });
  t.deepEqual(told, []);
  t.false(readdirSync(folder).some((name) => name.includes('damaged')));
  alter(folder, 'PRAGMA user_version = 3');
  (await openTestJournal(folder)).close();
});

test('the journal of an identity that was given up is set aside', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder, 1);
  const told: string[] = [];
  const deps = {
    wasGivenUp: (lcuId: string) => lcuId === 'malaga-0042',
    onSetAside: (error: FarolaError, path: string) => told.push(error.code, path),
  };
  const journal = await beginJournal(optionsOf(folder, 'malaga-0043'), EPOCH_START, deps);
  t.teardown(() => journal.close());
  t.is(told[0], 'journal-foreign');
  t.true(existsSync(told[1]!));
  t.like(decodeEntry(journal.select([WANT.newest, journal.epoch, 0]).entries[0]!), { kind: 'start', previous: null });
});

for (const [format, sql] of [
  [1, 'DROP INDEX epoch_owing; ALTER TABLE epoch DROP COLUMN owed; DROP TABLE damage; PRAGMA user_version = 1'],
  [2, 'DROP INDEX epoch_owing; ALTER TABLE epoch DROP COLUMN owed; PRAGMA user_version = 2'],
] as const) {
  test(`a journal of format ${format} is taken over`, async (t) => {
    const folder = temporaryFolder(t);
    await filled(folder, 3);
    alter(folder, sql);
    const journal = await openTestJournal(folder);
    t.teardown(() => journal.close());
    t.is(journal.size().backlog, 5);
    t.is(journal.openEpochs().length, 2);
  });
}

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

test('a journal that does not agree with itself is set aside for a new one; all are kept, and an event says so', async (t) => {
  const folder = temporaryFolder(t);
  for (let i = 0; i < 4; i++) {
    writeFileSync(join(folder, 'journal.sqlite'), `not a journal ${i}`.repeat(100));
    const told: string[] = [];
    const journal = await beginJournal(optionsOf(folder), EPOCH_START, {
      wasGivenUp: () => false,
      onSetAside: (error, path) => told.push(error.code, path),
    });
    t.is(journal.append(sampleEntry(1)), 3);
    const event = decodeEntry(journal.select([WANT.newest, journal.epoch, 0]).entries[1]!);
    t.like(event, { kind: 'event', code: 'journal-set-aside', facts: [basename(told[1]!)] });
    journal.close();
    t.is(told[0], 'journal-corrupt');
    t.true(readFileSync(told[1]!, 'utf8').startsWith(`not a journal ${i}`), 'also with a clock that stands still');
  }
  t.is(readdirSync(folder).filter((name) => /damaged-\d+$/.test(name)).length, 4);
});

test('a damaged journal whose end can be read is named by the start of the new one', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openTestJournal(folder);
  for (let i = 0; i < 9; i++) first.append(sampleEntry(i));
  const { epoch, head } = first.select([WANT.newest, first.epoch, 0]);
  first.close();
  alter(folder, 'PRAGMA application_id = 1');
  const journal = await beginJournal(optionsOf(folder), EPOCH_START, { wasGivenUp: () => false, onSetAside: () => undefined });
  t.teardown(() => journal.close());
  const start = decodeEntry(journal.select([WANT.newest, journal.epoch, 0]).entries[0]!);
  const previous = start.kind === 'start' ? start.previous : null;
  t.deepEqual([toHex(previous!.epoch), previous!.n, toHex(previous!.head)], [toHex(epoch), 10, toHex(head)]);
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
