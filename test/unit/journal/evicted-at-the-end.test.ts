import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { SqliteDamage } from '@farola/agent/journal/sqlite-damage.js';
import { SqliteEpochs } from '@farola/agent/journal/sqlite-epochs.js';
import { SqliteEviction } from '@farola/agent/journal/sqlite-eviction.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

test('all of a running epoch goes whose last row was lost: it is told up to the end that memory has, with the head of that', async (t) => {
  const folder = temporaryFolder(t);
  const journal = await openTestJournal(folder);
  for (let mark = 1; mark < 20; mark++) journal.append(sampleEntry(mark));
  journal.close();
  const db = new Database(join(folder, 'journal.sqlite'));
  t.teardown(() => db.close());
  const epochs = new SqliteEpochs(db);
  const present = epochs.newest()!;
  t.is(present.last, 20);
  db.exec('DELETE FROM entry WHERE n = 20; UPDATE entry SET bytes = randomblob(20), head = randomblob(32) WHERE n = 19');
  const told: unknown[] = [];
  const damage = new SqliteDamage(db, epochs, { present: () => present, record: (facts) => void told.push(facts.slice(1)) });
  const eviction = new SqliteEviction(db, epochs, damage, 1e9, () => undefined);
  const evicted = eviction.evictBatch() ?? [];
  t.deepEqual(
    evicted.map(({ from, to }) => [from, to]),
    [[1, 20]],
  );
  t.like(epochs.find(present.epoch), { floor: 20, floorHead: present.head, gapFrom: 1 });
  t.deepEqual(told, [[19, 20]]);
});
