import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readJournalStatus } from '@farola/agent/journal/sqlite-journal-status.js';
import { type Ack, chainSeed, decodeEntry, GAP_REASON, sameBytes, toHex, WANT } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

const OTHER_HASH = new Uint8Array(32).fill(0xee);

test('a full journal lets acknowledged entries go first and leaves no gap', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t), { maxBytes: 300_000 });
  t.teardown(() => journal.close());
  const { epoch } = journal;
  for (let i = 0; i < 2_000; i++) {
    const n = journal.append(sampleEntry(i, 40));
    const { head } = journal.select([WANT.range, epoch, n - 1, n + 1]);
    if (n % 50 === 0) journal.applyAcks([[epoch, n, head]]);
  }
  t.deepEqual(journal.gaps(), []);
  const [[, first, last] = [epoch, 0, 0]] = journal.openEpochs();
  t.true(first > 1);
  t.is(last, 2_001);
  t.true(journal.size().bytes <= 310_000);
});

test('without an ack the oldest entries go, leaving one gap and events', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t), { maxBytes: 300_000 });
  t.teardown(() => journal.close());
  const { epoch } = journal;
  const seed = chainSeed('malaga-0042', epoch);
  for (let i = 0; i < 3_000; i++) journal.append(sampleEntry(i, 40));
  const gaps = journal.gaps();
  t.is(gaps.length, 1);
  const [, from, to, prev, head, reason] = gaps[0]!;
  t.deepEqual([from, toHex(prev), reason], [1, toHex(seed), GAP_REASON.evicted]);
  const kept = journal.select([WANT.range, epoch, to, to + 2]);
  t.is(kept.from, to + 1);
  t.is(toHex(kept.prev), toHex(head));
  const last = journal.openEpochs()[0]![2];
  const newest = journal.select([WANT.newest, epoch, last - 256]);
  const evictions = newest.entries.map(decodeEntry).filter((entry) => entry.kind === 'event' && entry.code === 'evicted');
  t.true(evictions.length >= 1 && evictions.length <= 4, `${evictions.length} in 256 entries`);
});

test('a gap stays until an ack at or beyond its end', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t), { maxBytes: 100_000 });
  t.teardown(() => journal.close());
  const { epoch } = journal;
  for (let i = 0; i < 1_000; i++) journal.append(sampleEntry(i, 40));
  const [, , to, , head] = journal.gaps()[0]!;
  journal.applyAcks([[epoch, to - 1, OTHER_HASH]]);
  t.is(journal.gaps().length, 1);
  t.deepEqual(journal.applyAcks([[epoch, to, head]]), []);
  t.deepEqual(journal.gaps(), []);
});

const ACK = 200;
for (const [where, n] of [
  ['below the last one that agreed', ACK - 100],
  ['at the last one that agreed', ACK],
  ['above the last one that agreed', ACK + 50],
  ['beyond the last entry', 10_000],
] as const) {
  test(`after an ack that disagrees ${where} nothing goes without a gap, until one agrees`, async (t) => {
    const journal = await openTestJournal(temporaryFolder(t), { maxBytes: 300_000 });
    t.teardown(() => journal.close());
    const { epoch } = journal;
    const ackOf = (at: number): Ack => [epoch, at, journal.select([WANT.range, epoch, at - 1, at + 1]).head];
    for (let i = 0; i < 300; i++) journal.append(sampleEntry(i, 40));
    for (let time = 0; time < 2; time++) {
      t.deepEqual(journal.applyAcks([ackOf(ACK)]), []);
      t.is(journal.applyAcks([[epoch, n, OTHER_HASH]]).length, 1);
      t.is(journal.size().backlog, journal.end.n, 'all of it is owed');
    }
    for (let i = 0; i < 2_000; i++) journal.append(sampleEntry(i, 40));
    const first = journal.openEpochs()[0]![1];
    t.true(first > ACK, 'the journal is full');
    t.deepEqual(
      journal.gaps().map(([, from, to]) => [from, to]),
      [[1, first - 1]],
      'what went is told from the first entry on',
    );
    t.deepEqual(journal.applyAcks([ackOf(journal.end.n)]), []);
    t.is(journal.size().backlog, 0);
    t.deepEqual(journal.gaps(), []);
  });
}

test('acknowledged epochs disappear with their entries, and unacknowledged ones leave their gap', async (t) => {
  const folder = temporaryFolder(t);
  const acked = await openTestJournal(folder);
  for (let i = 0; i < 50; i++) acked.append(sampleEntry(i, 40));
  const { epoch: ackedEpoch, to, head } = acked.select([WANT.newest, acked.epoch, 0]);
  acked.applyAcks([[ackedEpoch, to, head]]);
  acked.close();
  const lost = await openTestJournal(folder);
  for (let i = 0; i < 50; i++) lost.append(sampleEntry(i, 40));
  const lostEpoch = lost.epoch;
  lost.close();
  const journal = await openTestJournal(folder, { maxBytes: 100_000 });
  t.teardown(() => journal.close());
  for (let i = 0; i < 1_000; i++) journal.append(sampleEntry(i, 40));
  const gap = journal.gaps().find(([epoch]) => sameBytes(epoch, lostEpoch));
  t.deepEqual(gap?.slice(1, 3), [1, 51]);
  t.deepEqual(journal.openEpochs()[0], [lostEpoch, 52, 51]);
  t.deepEqual(journal.select([WANT.newest, ackedEpoch, 0]).epoch, journal.epoch, 'it is not there any more');
  journal.applyAcks([[lostEpoch, 51, gap![4]]]);
  t.deepEqual(journal.openEpochs().length, 1);
});

test('what only reads is not kept out', async (t) => {
  const folder = temporaryFolder(t);
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  journal.append(sampleEntry(1));
  const status = await readJournalStatus(join(folder, 'journal.sqlite'));
  t.like(status, { entries: 2, unacknowledged: 2, epochs: 1 });
});

test('the file is for its owner alone', async (t) => {
  const folder = temporaryFolder(t);
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  for (const name of ['journal.sqlite', 'journal.sqlite-wal']) t.is(statSync(join(folder, name)).mode & 0o077, 0, name);
});

test('before an epoch has begun nothing can be appended', async (t) => {
  const { openSqliteJournal } = await import('@farola/agent/journal/sqlite-open.js');
  const { systemClock, systemRandom } = await import('@farola/shared');
  const path = join(temporaryFolder(t), 'journal.sqlite');
  const journal = await openSqliteJournal({ path, lcuId: 'a', maxBytes: 1e6, clock: systemClock(), random: systemRandom });
  t.teardown(() => journal.close());
  t.throws(() => journal.append(sampleEntry(1)), { instanceOf: TypeError });
});
