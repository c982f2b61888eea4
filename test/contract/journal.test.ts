import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import { beginJournal } from '@farola/agent/journal/sqlite-begin.js';
import { chainHead, chainSeed, decodeEntry, encodeEntry, sameBytes, systemRandom, toHex, WANT } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { FakeTime } from '../fakes/fake-time.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { EPOCH_START, openTestJournal, sampleEntry } from '../fakes/test-journal.js';

/** Opens the journal of a folder, and begins an epoch. */
type Open = (folder: string) => Promise<Journal>;

/** What an agent opens outlives damage: while there is none it is the same journal. */
const JOURNALS: Readonly<Record<string, Open>> = {
  sqlite: openTestJournal,
  async lasting(folder) {
    const path = join(folder, 'journal.sqlite');
    const options = { path, lcuId: 'malaga-0042', maxBytes: 1e9, clock: new FakeTime(), random: systemRandom };
    return beginJournal(options, EPOCH_START, {
      wasGivenUp: () => false,
      onSetAside: (error) => {
        throw error;
      },
    });
  },
};

const OTHER_HASH = new Uint8Array(32).fill(0xee);

/** A journal in an empty folder of the test; `again` closes it and opens the next run's. */
async function opened(t: ExecutionContext, open: Open) {
  const folder = temporaryFolder(t);
  let journal = await open(folder);
  t.teardown(() => journal.close());
  return {
    folder,
    journal,
    again: async (): Promise<Journal> => {
      journal.close();
      return (journal = await open(folder));
    },
  };
}

for (const [name, open] of Object.entries(JOURNALS)) {
  test(`${name}: an epoch begins with entry 1, start, on the seed of its chain`, async (t) => {
    const { journal } = await opened(t, open);
    const range = journal.select([WANT.newest, journal.epoch, 0]);
    t.like(range, { from: 1, to: 1, prev: Buffer.from(chainSeed('malaga-0042', journal.epoch)) });
    const start = decodeEntry(range.entries[0]!);
    t.like(start, { kind: 'start', previous: null, agentVersion: '0.1.0', configHash: EPOCH_START.configHash });
  });

  test(`${name}: entries are numbered without holes and hash to the head, which is the end`, async (t) => {
    const { journal } = await opened(t, open);
    t.deepEqual([journal.append(sampleEntry(1)), journal.append(sampleEntry(2)), journal.append(sampleEntry(3))], [2, 3, 4]);
    const { entries, prev, head, to } = journal.select([WANT.newest, journal.epoch, 0]);
    t.is(to, 4);
    t.true(sameBytes(chainHead(prev, entries), head));
    t.deepEqual(
      entries.slice(1).map(toHex),
      [1, 2, 3].map((mark) => toHex(encodeEntry(sampleEntry(mark)))),
    );
    t.deepEqual([toHex(journal.end.epoch), journal.end.n, toHex(journal.end.head)], [toHex(journal.epoch), 4, toHex(head)]);
  });

  test(`${name}: a range is given again with the same bytes and hashes, also by the next run`, async (t) => {
    const { journal, again } = await opened(t, open);
    const { epoch } = journal;
    for (let mark = 1; mark < 6; mark++) journal.append(sampleEntry(mark));
    const before = journal.select([WANT.range, epoch, 2, 5]);
    t.deepEqual([before.from, before.to], [3, 4]);
    const { entries, prev, head } = (await again()).select([WANT.range, epoch, 2, 5]);
    t.deepEqual(
      [entries.map(toHex), toHex(prev), toHex(head)],
      [before.entries.map(toHex), toHex(before.prev), toHex(before.head)],
    );
  });

  test(`${name}: the start of the next epoch names the last entry of the one before`, async (t) => {
    const { journal: first, again } = await opened(t, open);
    first.append(sampleEntry(1));
    const { epoch, to, head } = first.select([WANT.newest, first.epoch, 0]);
    const second = await again();
    t.false(sameBytes(epoch, second.epoch));
    const start = decodeEntry(second.select([WANT.newest, second.epoch, 0]).entries[0]!);
    const previous = start.kind === 'start' ? start.previous : undefined;
    t.deepEqual([toHex(previous!.epoch), previous!.n, toHex(previous!.head)], [toHex(epoch), to, toHex(head)]);
    t.like(second.select([WANT.newest, epoch, 0]), { epoch, from: 1, to: 2 });
  });

  test(`${name}: epochs with unacknowledged entries are open, oldest first, and the present one always`, async (t) => {
    const { journal: first, again } = await opened(t, open);
    first.append(sampleEntry(1));
    const { epoch, head } = first.select([WANT.newest, first.epoch, 0]);
    const second = await again();
    t.deepEqual(second.openEpochs(), [
      [epoch, 1, 2],
      [second.epoch, 1, 1],
    ]);
    t.deepEqual(second.applyAcks([[epoch, 2, head]]), []);
    t.deepEqual(second.openEpochs(), [[second.epoch, 1, 1]]);
    t.like(second.select([WANT.range, epoch, 0, 3]), { from: 1, to: 2 }, 'it can be asked for again');
  });

  test(`${name}: at most 33 epochs are listed: the oldest, and the present one as the last`, async (t) => {
    const { journal: first, again } = await opened(t, open);
    const epochs = [toHex(first.epoch)];
    for (let i = 0; i < 39; i++) epochs.push(toHex((await again()).epoch));
    const journal = await again();
    t.deepEqual(
      journal.openEpochs().map(([epoch]) => toHex(epoch)),
      [...epochs.slice(0, 32), toHex(journal.epoch)],
    );
    t.is(journal.size().backlog, 41);
  });

  test(`${name}: an ack takes entries out of the backlog; a lower one, of a collector that was restored, puts them back`, async (t) => {
    const { journal } = await opened(t, open);
    const { epoch } = journal;
    for (let mark = 1; mark < 6; mark++) journal.append(sampleEntry(mark));
    const headAt = (n: number): Uint8Array => journal.select([WANT.range, epoch, n - 1, n + 1]).head;
    t.deepEqual(journal.applyAcks([[epoch, 4, headAt(4)]]), []);
    t.like(journal.size(), { backlog: 2, acknowledged: 4 });
    t.deepEqual(journal.applyAcks([[epoch, 4, headAt(4)]]), []);
    t.like(journal.size(), { backlog: 2, acknowledged: 4 });
    t.deepEqual(journal.applyAcks([[epoch, 2, headAt(2)]]), []);
    t.like(journal.size(), { backlog: 4, acknowledged: 4 });
    t.deepEqual(journal.applyAcks([[epoch, 3, headAt(3)]]), []);
    t.like(journal.size(), { backlog: 3, acknowledged: 5 });
  });

  test(`${name}: an ack with another hash releases nothing and is recorded once`, async (t) => {
    const { journal } = await opened(t, open);
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

  test(`${name}: an ack of an unknown epoch is passed over`, async (t) => {
    const { journal } = await opened(t, open);
    t.deepEqual(journal.applyAcks([[new Uint8Array(8), 3, OTHER_HASH]]), []);
  });

  test(`${name}: an entry that is too large is refused and uses no number`, async (t) => {
    const { journal } = await opened(t, open);
    t.throws(() => journal.append(sampleEntry(1, 2_000)), { code: 'entry-too-large' });
    t.is(journal.append(sampleEntry(1)), 2);
  });

  test(`${name}: nobody else opens it while it is open; when it is closed the next may`, async (t) => {
    const { folder, journal } = await opened(t, open);
    await t.throwsAsync(open(folder), { code: 'already-running' });
    t.is(journal.append(sampleEntry(1)), 2);
    journal.close();
    (await open(folder)).close();
  });
}
