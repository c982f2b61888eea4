import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import type { Journal } from '@farola/agent/journal/journal.js';
import { WANT } from '@farola/shared';
import { drainJournal } from '../../fakes/drain-journal.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

const ROOM = 60_000;

/** Damages rows of the closed journal. */
function harm(folder: string, sql: string): void {
  const db = new Database(join(folder, 'journal.sqlite'));
  db.exec(sql);
  db.close();
}

/** A journal whose first epoch has 20 entries, acknowledged up to `acked`, and was closed. */
async function firstEpoch(folder: string, collector: StrictCollector, acked: number): Promise<Uint8Array> {
  const journal = await openTestJournal(folder, { maxBytes: ROOM });
  for (let mark = 1; mark < 20; mark++) journal.append(sampleEntry(mark));
  const { epoch } = journal;
  if (acked > 0) {
    collector.ask(journal, [WANT.range, epoch, 0, 21]);
    journal.applyAcks([[epoch, acked, collector.known(epoch).heads.get(acked)!]]);
  }
  journal.close();
  return epoch;
}

/** Writes three times what there is room for, without any poll. */
function fill(journal: Journal): void {
  for (let count = 0; count < 300; count++) journal.append(sampleEntry(count, 100));
}

for (const [what, sql] of [
  ['lost', 'DELETE FROM entry WHERE epoch_id = 1 AND n = 20'],
  [
    'lost, and the one before is damaged',
    'DELETE FROM entry WHERE epoch_id = 1 AND n = 20; UPDATE entry SET bytes = randomblob(20) WHERE epoch_id = 1 AND n = 19',
  ],
] as const) {
  test(`the last entry of an epoch that was acknowledged whole is ${what}: the journal keeps to its room`, async (t) => {
    const folder = temporaryFolder(t);
    const collector = new StrictCollector();
    await firstEpoch(folder, collector, 20);
    (await openTestJournal(folder, { maxBytes: ROOM })).close();
    harm(folder, sql);
    const journal = await openTestJournal(folder, { maxBytes: ROOM });
    fill(journal);
    t.true(journal.size().bytes <= ROOM, `${journal.size().bytes} bytes`);
    drainJournal(journal, collector);
    t.is(journal.openEpochs().length, 1);
    journal.close();
  });
}

test('nothing of an epoch can be proven and its room is needed: no gap without an entry is told', async (t) => {
  const folder = temporaryFolder(t);
  const collector = new StrictCollector();
  await firstEpoch(folder, collector, 0);
  (await openTestJournal(folder, { maxBytes: ROOM })).close();
  harm(folder, 'DELETE FROM entry WHERE epoch_id = 1 AND n > 3; UPDATE entry SET bytes = randomblob(20) WHERE epoch_id = 1');
  const journal = await openTestJournal(folder, { maxBytes: ROOM });
  fill(journal);
  t.deepEqual(
    journal.gaps().filter(([, from, to]) => to < from),
    [],
  );
  drainJournal(journal, collector);
  t.is(journal.openEpochs().length, 1);
  journal.close();
});

test('the rows of the present epoch are lost under a journal that runs: its backlog is what was written and not acknowledged', async (t) => {
  const folder = temporaryFolder(t);
  const collector = new StrictCollector();
  const journal = await openTestJournal(folder);
  const { epoch } = journal;
  for (let mark = 1; mark < 5; mark++) journal.append(sampleEntry(mark));
  collector.ask(journal, [WANT.range, epoch, 0, 6]);
  journal.applyAcks([[epoch, 3, collector.known(epoch).heads.get(3)!]]);
  harm(folder, 'DELETE FROM entry');
  t.is(journal.size().backlog, 2);
  journal.close();
});
