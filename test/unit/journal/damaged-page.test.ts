import { readdirSync, rmSync, statSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import { beginJournal } from '@farola/agent/journal/sqlite-begin.js';
import { decodeEntry, encodeEntry, FarolaError, systemRandom, toHex, WANT } from '@farola/shared';
import test from 'ava';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { leavesOf, overwritePage } from '../../fakes/damaged-page.js';
import { drainJournal } from '../../fakes/drain-journal.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START, openTestJournal, sampleEntry } from '../../fakes/test-journal.js';
import { runs } from '../shared/runs.js';

/** Entries of each epoch, its start included. */
const COUNT = 300;

interface Begun {
  readonly journal: Journal;
  /** Code, path and number of entries taken over, for each time. */
  readonly setAside: { code: string; path: string; takenOver: number }[];
}

async function begin(folder: string): Promise<Begun> {
  const path = join(folder, 'journal.sqlite');
  const setAside: Begun['setAside'] = [];
  const options = { path, lcuId: 'malaga-0042', maxBytes: 1e9, clock: new FakeTime(), random: systemRandom };
  const journal = await beginJournal(options, EPOCH_START, {
    wasGivenUp: () => false,
    onSetAside: ({ code }, aside, takenOver) => setAside.push({ code, path: aside, takenOver }),
  });
  return { journal, setAside };
}

/** Two whole epochs of samples in a closed file; gives the entries as they were, by epoch and number. */
async function filled(folder: string): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  for (let i = 0; i < 2; i++) {
    const journal = await openTestJournal(folder);
    for (let mark = 1; mark < COUNT; mark++) {
      const entry = sampleEntry(mark, 10);
      entries.set(`${toHex(journal.epoch)} ${journal.append(entry)}`, toHex(encodeEntry(entry)));
    }
    journal.close();
  }
  return entries;
}

/** What SQLite cannot read any more, and the entry after each such hole, whose predecessor's hash is gone with it. */
function unreadable(folder: string): Set<string> {
  const db = new Database(join(folder, 'journal.sqlite'), { readonly: true });
  const lost = new Set<string>();
  const row = db.prepare('SELECT n FROM entry WHERE epoch_id = ? AND n = ?');
  for (const { id, epoch } of db.prepare<[], { id: number; epoch: Uint8Array }>('SELECT id, epoch FROM epoch').all()) {
    for (let n = 1; n <= COUNT; n++) {
      try {
        row.get(id, n);
      } catch {
        lost.add(`${toHex(epoch)} ${n}`).add(`${toHex(epoch)} ${n + 1}`);
      }
    }
  }
  db.close();
  return lost;
}

for (const when of ['that runs', 'that is begun again'] as const) {
  test(`a journal ${when} with damaged pages delivers what can be read, and the rest as gaps`, async (t) => {
    t.timeout(300_000);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 3 }), async (at) => {
        const folder = mkdtempSync(join(tmpdir(), 'farola-'));
        try {
          const entries = await filled(folder);
          const path = join(folder, 'journal.sqlite');
          const leaves = leavesOf(path, 'entry');
          const strike = (): void => {
            for (const one of at) overwritePage(path, leaves[one % leaves.length]!, one);
          };
          if (when === 'that is begun again') strike();
          let lost = unreadable(folder);
          const { journal, setAside } = await begin(folder);
          if (when === 'that runs') {
            strike();
            lost = unreadable(folder);
          }
          const before = journal.epoch;
          t.true(journal.append(sampleEntry(0)) > 1, 'sampling goes on');
          const collector = new StrictCollector();
          drainJournal(journal, collector);
          t.true(journal.append(sampleEntry(0)) > 1);
          drainJournal(journal, collector);

          let missing = 0;
          for (const [name, text] of entries) {
            const [epoch = '', n = ''] = name.split(' ');
            const known = collector.known(Buffer.from(epoch, 'hex'));
            const delivered = known.entries.get(Number(n));
            if (delivered === text) continue;
            missing++;
            t.is(delivered, undefined, 'what is delivered is as it was');
            t.true(lost.has(name), `${name} could be read and was not delivered`);
            const isBeyond = Number(n) > Math.max(0, ...known.entries.keys(), ...known.gaps.values());
            t.true(known.gaps.has(Number(n)) || isBeyond, `${name} is neither an entry nor a gap`);
          }
          for (const { code, takenOver } of setAside) t.true(code === 'journal-corrupt' && takenOver > 0);
          t.true(missing > 0 || lost.size === 0);
          if (when === 'that runs' && setAside.length > 0) t.notDeepEqual(journal.epoch, before, 'another epoch');
          t.is(statSync(path).mode & 0o777, 0o600);
          journal.close();
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { ...runs(12), includeErrorInReport: true },
    );
  });
}

test('a damaged page under a running journal: the new epoch names the true end of the one before, and an event tells', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder);
  const { journal, setAside } = await begin(folder);
  t.teardown(() => journal.close());
  for (let i = 0; i < 20; i++) journal.append(sampleEntry(i));
  const { end } = journal;
  const leaves = leavesOf(join(folder, 'journal.sqlite'), 'entry');
  overwritePage(join(folder, 'journal.sqlite'), leaves[1]!);
  const [epoch] = journal.openEpochs()[0]!;
  const { to } = journal.select([WANT.range, epoch, 0, COUNT + 1]);
  t.true(to > 0 && to < COUNT);
  t.is(setAside.length, 1);
  const [start, event] = journal.select([WANT.newest, journal.epoch, 0]).entries.map(decodeEntry);
  t.deepEqual(start?.kind === 'start' && [toHex(start.previous!.epoch), start.previous!.n, toHex(start.previous!.head)], [
    toHex(end.epoch),
    end.n,
    toHex(end.head),
  ]);
  t.like(event, { kind: 'event', code: 'journal-set-aside' });
  t.is(readdirSync(folder).filter((name) => /damaged-\d+$/.test(name)).length, 1);
  t.false(readdirSync(folder).some((name) => name.includes('salvaged')));
});

test('a damaged end of the present epoch: no number is given again, and what was there is a gap up to it', async (t) => {
  const folder = temporaryFolder(t);
  const first = await begin(folder);
  for (let i = 0; i < 400; i++) first.journal.append(sampleEntry(i, 10));
  const collector = new StrictCollector();
  collector.ask(first.journal, [WANT.newest, first.journal.epoch, 0]);
  const { end } = first.journal;
  const path = join(folder, 'journal.sqlite');
  const other = new Database(path);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  const last = leavesOf(path, 'entry').at(-1)!;
  overwritePage(path, last);
  // Another connection has changed the file: SQLite reads it anew.
  const touch = new Database(path);
  touch.exec('UPDATE journal SET lcu_id = lcu_id');
  touch.close();
  t.is(first.journal.append(sampleEntry(0)), 3, 'start and event of a new epoch come first');
  t.teardown(() => first.journal.close());
  drainJournal(first.journal, collector);
  const known = collector.known(end.epoch);
  t.is(Math.max(...known.gaps.values()), end.n);
  t.deepEqual(
    Array.from({ length: end.n }, (_, i) => i + 1).filter((n) => !known.entries.has(n) && !known.gaps.has(n)),
    [],
  );
});

test('a damaged list of epochs: nothing can be taken over, and the new journal names the end of the old one', async (t) => {
  const folder = temporaryFolder(t);
  const { journal, setAside } = await begin(folder);
  for (let i = 0; i < 9; i++) journal.append(sampleEntry(i));
  const { end } = journal;
  journal.close();
  overwritePage(join(folder, 'journal.sqlite'), leavesOf(join(folder, 'journal.sqlite'), 'epoch')[0]!);
  const again = await begin(folder);
  t.teardown(() => again.journal.close());
  t.deepEqual([setAside, again.setAside.map(({ takenOver }) => takenOver)], [[], [0]]);
  t.is(again.journal.append(sampleEntry(0)), 3);
  t.true(end.n > 0);
});

test('while no other journal can be made each call fails with its code, and the first one that can goes on', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder);
  const path = join(folder, 'journal.sqlite');
  let fails = true;
  const options = {
    path,
    lcuId: 'malaga-0042',
    maxBytes: 1e9,
    clock: new FakeTime(),
    random: {
      bytes(length: number) {
        if (fails && length === 8 && begun) throw new FarolaError('disk-failure', { path, reason: 'no' });
        return systemRandom.bytes(length);
      },
    },
  };
  let begun = false;
  const journal = await beginJournal(options, EPOCH_START, { wasGivenUp: () => false, onSetAside: () => undefined });
  t.teardown(() => journal.close());
  begun = true;
  overwritePage(path, leavesOf(path, 'entry')[1]!);
  const [epoch] = journal.openEpochs()[0]!;
  for (let i = 0; i < 2; i++) t.throws(() => journal.select([WANT.range, epoch, 0, COUNT]), { code: 'disk-failure' });
  fails = false;
  t.is(journal.append(sampleEntry(0)), 3);
  t.is(readdirSync(folder).filter((name) => /damaged-\d+$/.test(name)).length, 1, 'set aside once');
});
