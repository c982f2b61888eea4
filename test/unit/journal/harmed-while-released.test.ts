import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { WANT } from '@farola/shared';
import { drainJournal } from '../../fakes/drain-journal.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

test('the head right behind what went in the same append is another one: nothing is told as damaged', async (t) => {
  const folder = temporaryFolder(t);
  const collector = new StrictCollector();
  let free = 1e9;
  const journal = await openTestJournal(folder, { lookAtDisk: () => ({ free, total: 2e9 }) });
  for (let mark = 1; mark < 5000; mark++) journal.append(sampleEntry(mark, 10));
  const { epoch } = journal;
  collector.ask(journal, [WANT.range, epoch, 0, 258]);
  collector.ask(journal, [WANT.range, epoch, 256, 258]);
  journal.applyAcks([[epoch, 257, collector.known(epoch).heads.get(257)!]]);
  const db = new Database(join(folder, 'journal.sqlite'));
  db.exec('UPDATE entry SET head = randomblob(32) WHERE n = 257');
  db.close();
  free = 10e6;
  journal.append(sampleEntry(5000, 10));
  t.deepEqual(
    journal.openEpochs(),
    [[epoch, 258, 5001]],
    'what was acknowledged went in one append, and no event tells of damage',
  );
  t.deepEqual(journal.gaps(), []);
  free = 1e9;
  drainJournal(journal, collector);
  t.deepEqual(journal.gaps(), []);
  journal.close();
});
