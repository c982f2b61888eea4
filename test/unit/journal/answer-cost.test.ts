import test from 'ava';
import type { ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import type { Journal } from '@farola/agent/journal/journal.js';
import { WANT } from '@farola/shared';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

/** Counts the questions to SQLite of this process. */
function countAsked(t: ExecutionContext): () => number {
  const memory = new Database(':memory:');
  const prototype = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Record<string, (...given: unknown[]) => unknown>;
  memory.close();
  let asked = 0;
  for (const name of ['get', 'all', 'iterate']) {
    const original = prototype[name]!;
    prototype[name] = function (...given) {
      asked++;
      return original.apply(this, given);
    };
    t.teardown(() => void (prototype[name] = original));
  }
  return () => asked;
}

test('an answer asks as much of the journal with 32 past epochs that wait as with none', async (t) => {
  const asked = countAsked(t);
  const cost = (journal: Journal): number => {
    const before = asked();
    journal.append(sampleEntry(1));
    journal.select([WANT.newest, journal.epoch, 0]);
    journal.openEpochs();
    journal.gaps();
    return asked() - before;
  };
  const folder = temporaryFolder(t);
  let journal = await openTestJournal(folder);
  cost(journal);
  const alone = cost(journal);
  for (let epoch = 0; epoch < 32; epoch++) {
    journal.close();
    journal = await openTestJournal(folder);
  }
  t.teardown(() => journal.close());
  t.is(journal.openEpochs().length, 33);
  t.is(cost(journal), alone);
});
