import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import type { Journal } from '@farola/agent/journal/journal.js';
import { beginJournal } from '@farola/agent/journal/sqlite-begin.js';
import { codeOf, decodeEntry, FarolaError, systemRandom, toHex, WANT } from '@farola/shared';
import { drainJournal } from '../../fakes/drain-journal.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START, openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

interface Scene {
  readonly folder: string;
  readonly journal: Journal;
  /** Codes of the journals that were set aside. */
  readonly setAside: string[];
  readonly disk: { fails: boolean };
}

/** A journal with some entries on a disk that a test makes fail and takes away. */
async function begun(t: ExecutionContext): Promise<Scene> {
  const folder = join(temporaryFolder(t), 'disk');
  mkdirSync(folder);
  const disk = { fails: false };
  const lookAtDisk = (): undefined => {
    if (disk.fails) throw new FarolaError('disk-failure', { path: folder, reason: 'read-only' });
  };
  const path = join(folder, 'journal.sqlite');
  const options = { path, lcuId: 'malaga-0042', maxBytes: 1e9, clock: new FakeTime(), random: systemRandom, lookAtDisk };
  const setAside: string[] = [];
  const onSetAside = ({ code }: FarolaError): void => void setAside.push(code);
  const journal = await beginJournal(options, EPOCH_START, { wasGivenUp: () => false, onSetAside });
  t.teardown(() => journal.close());
  for (let i = 0; i < 9; i++) journal.append(sampleEntry(i));
  return { folder, journal, setAside, disk };
}

const away = (folder: string): string => `${folder}-away`;

function unmount(t: ExecutionContext, { folder, journal, disk }: Scene): void {
  disk.fails = true;
  renameSync(folder, away(folder));
  mkdirSync(folder);
  for (let i = 0; i < 3; i++) t.is(codeOf(t.throws(() => journal.append(sampleEntry(10)))), 'disk-failure');
  t.deepEqual(readdirSync(folder), [], 'nothing is begun in the folder below');
}

function mount({ folder, disk }: Scene): void {
  rmSync(folder, { recursive: true });
  renameSync(away(folder), folder);
  disk.fails = false;
}

test('a journal whose disk fails in its place stays open: what it holds is delivered', async (t) => {
  const { journal, disk } = await begun(t);
  disk.fails = true;
  t.is(codeOf(t.throws(() => journal.append(sampleEntry(10)))), 'disk-failure');
  t.is(journal.select([WANT.newest, journal.epoch, 0]).to, 10);
  disk.fails = false;
  t.is(journal.append(sampleEntry(10)), 11);
});

test('a journal whose disk was away goes on in its epoch, with the number after its last', async (t) => {
  const scene = await begun(t);
  const { journal } = scene;
  const epoch = toHex(journal.epoch);
  unmount(t, scene);
  t.is(journal.end.n, 10, 'its end is known from memory');
  const lock = new Database(join(away(scene.folder), 'journal.sqlite.lock'), { timeout: 0 });
  t.notThrows(() => lock.exec('BEGIN EXCLUSIVE; ROLLBACK'), 'its files are closed');
  lock.close();
  mount(scene);
  t.is(journal.append(sampleEntry(10)), 11);
  t.is(toHex(journal.epoch), epoch);
  drainJournal(journal, new StrictCollector());
});

test('a journal that comes back with another end goes on in a new epoch, which names it', async (t) => {
  const scene = await begun(t);
  const { journal } = scene;
  const epoch = toHex(journal.epoch);
  unmount(t, scene);
  const other = await openTestJournal(away(scene.folder));
  const { end } = other;
  other.close();
  mount(scene);
  t.is(journal.append(sampleEntry(10)), 2);
  t.not(toHex(journal.epoch), epoch);
  const start = decodeEntry(journal.select([WANT.newest, journal.epoch, 0]).entries[0]!);
  t.deepEqual(start.kind === 'start' && toHex(start.previous!.epoch), toHex(end.epoch));
  drainJournal(journal, new StrictCollector());
});

test('another journal in its place is not gone on with', async (t) => {
  const scene = await begun(t);
  const { folder, journal } = scene;
  unmount(t, scene);
  scene.disk.fails = false;
  (await openTestJournal(folder)).close();
  t.is(codeOf(t.throws(() => journal.append(sampleEntry(10)))), 'disk-failure');
  mount(scene);
  t.is(journal.append(sampleEntry(10)), 11);
});

test('a journal that comes back damaged is set aside for one that names its end', async (t) => {
  const scene = await begun(t);
  const { folder, journal, setAside } = scene;
  const { end } = journal;
  unmount(t, scene);
  const db = new Database(join(away(folder), 'journal.sqlite'));
  db.pragma('application_id = 1');
  db.close();
  mount(scene);
  t.is(journal.append(sampleEntry(10)), 3, 'after the start and the event');
  t.deepEqual(setAside, ['journal-corrupt']);
  const start = decodeEntry(journal.select([WANT.newest, journal.epoch, 0]).entries[0]!);
  t.deepEqual(start.kind === 'start' && [start.previous?.n, toHex(start.previous!.epoch)], [end.n, toHex(end.epoch)]);
  drainJournal(journal, new StrictCollector());
});
