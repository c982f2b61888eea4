import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { drainJournal } from '../../fakes/drain-journal.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

/** One bit of the number of a row, as a disk may turn it. */
const BIT = 2 ** 40;

function harm(folder: string, sql: string): void {
  const db = new Database(join(folder, 'journal.sqlite'));
  db.exec(sql);
  db.close();
}

for (const [what, where] of [
  ['the last', 'n = 20'],
  ['an entry in the midst', 'n = 10'],
] as const) {
  for (const [when, isPast] of [
    ['present', false],
    ['past', true],
  ] as const) {
    test(`a bit of the number of ${what} of the ${when} epoch is another: the journal opens, and the rest is told`, async (t) => {
      const folder = temporaryFolder(t);
      const first = await openTestJournal(folder);
      for (let mark = 1; mark < 20; mark++) first.append(sampleEntry(mark));
      first.close();
      if (isPast) (await openTestJournal(folder)).close();
      harm(folder, `UPDATE entry SET n = n + ${BIT} WHERE epoch_id = 1 AND ${where}`);
      const journal = await openTestJournal(folder);
      t.true(journal.openEpochs().every(([, , last]) => last <= 20));
      const collector = new StrictCollector();
      drainJournal(journal, collector);
      t.deepEqual(
        journal.openEpochs().map(([epoch]) => epoch),
        [journal.epoch],
      );
      t.deepEqual(journal.gaps(), []);
      journal.close();
    });
  }
}

test('a row with the number of one that is gone is none', async (t) => {
  const folder = temporaryFolder(t);
  const collector = new StrictCollector();
  const first = await openTestJournal(folder, { maxBytes: 60_000 });
  for (let mark = 1; mark < 400; mark++) first.append(sampleEntry(mark, 100));
  const [[, from] = [new Uint8Array(), 0]] = first.openEpochs();
  t.true(from > 3);
  first.close();
  harm(folder, 'DELETE FROM entry WHERE n < (SELECT max(n) FROM entry); UPDATE entry SET n = 1');
  const journal = await openTestJournal(folder, { maxBytes: 60_000 });
  t.true(journal.openEpochs().every(([, begin, last]) => begin <= last + 1));
  journal.append(sampleEntry(1));
  drainJournal(journal, collector);
  t.is(journal.size().backlog, 0);
  journal.close();
});
