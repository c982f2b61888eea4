import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readJournalStatus } from '@farola/agent/journal/sqlite-journal-status.js';
import { chainHead, chainSeed, decodeEntry, encodeEntry, GAP_REASON, sameBytes, toHex, WANT } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START, openTestJournal, sampleEntry } from '../../fakes/test-journal.js';

const OTHER_HASH = new Uint8Array(32).fill(0xee);

test('an epoch begins with entry 1, start, on the seed of its chain', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t));
  t.teardown(() => journal.close());
  const range = journal.select([WANT.newest, journal.epoch, 0]);
  t.like(range, { from: 1, to: 1, prev: Buffer.from(chainSeed('malaga-0042', journal.epoch)) });
  const start = decodeEntry(range.entries[0]!);
  t.like(start, { kind: 'start', previous: null, agentVersion: '0.1.0', configHash: EPOCH_START.configHash });
});

test('entries are numbered without holes and hash to the head', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t));
  t.teardown(() => journal.close());
  t.deepEqual([journal.append(sampleEntry(1)), journal.append(sampleEntry(2)), journal.append(sampleEntry(3))], [2, 3, 4]);
  const { entries, prev, head, to } = journal.select([WANT.newest, journal.epoch, 0]);
  t.is(to, 4);
  t.true(sameBytes(chainHead(prev, entries), head));
  t.deepEqual(
    entries.slice(1).map(toHex),
    [1, 2, 3].map((mark) => toHex(encodeEntry(sampleEntry(mark)))),
  );
});

test('the start of the next epoch names the last entry of the one before', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openTestJournal(folder);
  first.append(sampleEntry(1));
  const { epoch, to, head } = first.select([WANT.newest, first.epoch, 0]);
  first.close();
  const second = await openTestJournal(folder);
  t.teardown(() => second.close());
  t.false(sameBytes(epoch, second.epoch));
  const start = decodeEntry(second.select([WANT.newest, second.epoch, 0]).entries[0]!);
  const previous = start.kind === 'start' ? start.previous : undefined;
  t.deepEqual([toHex(previous!.epoch), previous!.n, toHex(previous!.head)], [toHex(epoch), to, toHex(head)]);
  t.like(second.select([WANT.newest, epoch, 0]), { epoch, from: 1, to: 2 });
});

test('epochs with unacknowledged entries are open, oldest first, and the present one always', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openTestJournal(folder);
  first.append(sampleEntry(1));
  const { epoch, head } = first.select([WANT.newest, first.epoch, 0]);
  first.close();
  const second = await openTestJournal(folder);
  t.teardown(() => second.close());
  t.deepEqual(second.openEpochs(), [
    [epoch, 1, 2],
    [second.epoch, 1, 1],
  ]);
  t.deepEqual(second.applyAcks([[epoch, 2, head]]), []);
  t.deepEqual(second.openEpochs(), [[second.epoch, 1, 1]]);
  t.like(second.select([WANT.range, epoch, 0, 3]), { from: 1, to: 2 }, 'it can be asked for again');
});

test('at most 33 epochs are listed, the present one among them', async (t) => {
  const folder = temporaryFolder(t);
  for (let i = 0; i < 40; i++) (await openTestJournal(folder)).close();
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  const open = journal.openEpochs();
  t.is(open.length, 33);
  t.deepEqual(open.at(-1)?.[0], journal.epoch);
  t.is(journal.size().backlog, 41);
});

test('an ack with another hash releases nothing and is recorded once', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t));
  t.teardown(() => journal.close());
  journal.append(sampleEntry(1));
  const { epoch } = journal;
  const said = { epoch, n: 2, theirs: OTHER_HASH };
  t.deepEqual(journal.applyAcks([[epoch, 2, OTHER_HASH]]), [said]);
  t.deepEqual(journal.applyAcks([[epoch, 2, OTHER_HASH]]), [said]);
  const { entries, to } = journal.select([WANT.newest, epoch, 0]);
  t.is(to, 3);
  const event = decodeEntry(entries[2]!);
  t.like(event, { kind: 'event', code: 'ack-disagrees' });
  const facts = event.kind === 'event' ? event.facts : [];
  t.deepEqual([toHex(facts[0] as Uint8Array), facts[1], toHex(facts[2] as Uint8Array)], [toHex(epoch), 2, toHex(OTHER_HASH)]);
  t.is(journal.size().backlog, 3);
});

test('an ack of an unknown epoch is passed over', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t));
  t.teardown(() => journal.close());
  t.deepEqual(journal.applyAcks([[new Uint8Array(8), 3, OTHER_HASH]]), []);
});

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

test('a second process is kept out while readers are not', async (t) => {
  const folder = temporaryFolder(t);
  const journal = await openTestJournal(folder);
  journal.append(sampleEntry(1));
  const error = await t.throwsAsync(openTestJournal(folder));
  t.like(error, { code: 'already-running' });
  const status = await readJournalStatus(join(folder, 'journal.sqlite'));
  t.like(status, { entries: 2, unacknowledged: 2, epochs: 1 });
  journal.close();
  (await openTestJournal(folder)).close();
});

test('the file is for its owner alone', async (t) => {
  const folder = temporaryFolder(t);
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  for (const name of ['journal.sqlite', 'journal.sqlite-wal']) t.is(statSync(join(folder, name)).mode & 0o077, 0, name);
});

test('an entry that is too large is refused and uses no number', async (t) => {
  const journal = await openTestJournal(temporaryFolder(t));
  t.teardown(() => journal.close());
  t.throws(() => journal.append(sampleEntry(1, 2_000)), { code: 'entry-too-large' });
  t.is(journal.append(sampleEntry(1)), 2);
});

test('before an epoch has begun nothing can be appended', async (t) => {
  const { openSqliteJournal } = await import('@farola/agent/journal/sqlite-journal.js');
  const { systemClock, systemRandom } = await import('@farola/shared');
  const path = join(temporaryFolder(t), 'journal.sqlite');
  const journal = await openSqliteJournal({ path, lcuId: 'a', maxBytes: 1e6, clock: systemClock(), random: systemRandom });
  t.teardown(() => journal.close());
  t.throws(() => journal.append(sampleEntry(1)), { instanceOf: TypeError });
});
