import { statSync } from 'node:fs';
import { join } from 'node:path';
import { WaitingEntries } from '@farola/agent/journal/waiting-entries.js';
import { codeOf, GAP_REASON, WANT } from '@farola/shared';
import { breakingDiskTest, tinyDiskTest } from '../../fakes/disk-test.js';
import { drainJournal } from '../../fakes/drain-journal.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';
import { breakingDisk, tinyDisk } from '../../fakes/tiny-disk.js';

for (const kilobytes of process.env['FAROLA_LONG'] === '1' ? [4_000, 12_000, 64_000] : [4_000, 12_000]) {
  const entries = kilobytes;
  tinyDiskTest(
    `a journal alone on a disk of ${kilobytes} kB, acknowledged: ${entries} entries, none fails, none is a gap`,
    async (t) => {
      const disk = tinyDisk(t, kilobytes);
      const journal = await openTestJournal(disk.folder);
      let least = Infinity;
      for (let i = 0; i < entries; i++) {
        journal.append(sampleEntry(i, 200));
        const { epoch, n, head } = journal.end;
        if (i % 10 === 0) journal.applyAcks([[epoch, n, head]]);
        least = Math.min(least, disk.left());
      }
      t.deepEqual(journal.gaps(), []);
      t.is(journal.end.n, entries + 1);
      t.log(`at least ${least} bytes left, ${journal.size().bytes} in use`);
      t.true(least > 0);
      journal.close();
    },
  );

  tinyDiskTest(
    `the same of ${kilobytes} kB, not acknowledged: the oldest go, as one gap that is delivered with the rest`,
    async (t) => {
      const disk = tinyDisk(t, kilobytes);
      const journal = await openTestJournal(disk.folder);
      for (let i = 0; i < entries; i++) journal.append(sampleEntry(i, 200));
      const [[, from, to, , , reason] = [], ...others] = journal.gaps();
      t.deepEqual([from, reason, others], [1, GAP_REASON.evicted, []]);
      const { bytes } = journal.size();
      t.true(bytes > kilobytes * 400, `${bytes} bytes are in use`);
      const collector = new StrictCollector();
      drainJournal(journal, collector);
      const { entries: delivered } = collector.known(journal.epoch);
      const last = journal.end.n;
      t.true(delivered.has(last) && delivered.has(Number(to) + 1) && delivered.size === last - Number(to));
      journal.close();
    },
  );
}

tinyDiskTest(
  'others fill the disk to the last byte: what is acknowledged makes room in the file, and writing goes on',
  async (t) => {
    const disk = tinyDisk(t, 40_000);
    const journal = await openTestJournal(disk.folder);
    for (let i = 0; i < 5_000; i++) journal.append(sampleEntry(i, 200));
    const { epoch, n, head } = journal.end;
    journal.applyAcks([[epoch, n, head]]);
    for (let left = 12_000_000; left >= 0; left -= 1_000_000) {
      disk.fill(left);
      journal.append(sampleEntry(left, 200));
    }
    t.is(disk.left(), 0);
    for (let i = 0; i < 4_500; i++) journal.append(sampleEntry(i, 200));
    t.deepEqual([journal.end.n, journal.gaps().length], [9_514, 0]);
    journal.close();
  },
);

tinyDiskTest(
  'others fill the disk of a new journal: entries wait in memory, and are written in their order when there is room',
  async (t) => {
    const disk = tinyDisk(t, 40_000);
    const [log, clock] = [new RecordedLog(), new FakeTime()];
    const journal = await openTestJournal(disk.folder);
    const entries = new WaitingEntries({ journal, log, clock });
    disk.fill();
    for (let i = 0; i < 500; i++) entries.append(sampleEntry(i, 200));
    t.true(entries.counts.waiting > 0, JSON.stringify(entries.counts));
    t.deepEqual(log.codes, ['disk-failure']);
    disk.free();
    entries.append(sampleEntry(500, 200));
    t.deepEqual(entries.counts, { waiting: 0, lost: 0 });
    t.deepEqual(log.messages, ['the journal is written again']);
    t.is(journal.end.n, 502);
    drainJournal(journal, new StrictCollector());
    journal.close();
  },
);

breakingDiskTest(
  'a disk that breaks and is read-only from then on: entries wait, what is stored can be read, and a restart finds it',
  async (t) => {
    const disk = breakingDisk(t, 16);
    const [log, clock] = [new RecordedLog(), new FakeTime()];
    const journal = await openTestJournal(disk.folder);
    const entries = new WaitingEntries({ journal, log, clock });
    for (let i = 0; i < 300; i++) entries.append(sampleEntry(i, 20));
    const { end } = journal;
    const collector = new StrictCollector();
    collector.ask(journal, [WANT.newest, journal.epoch, 0]);
    disk.break();
    for (let i = 0; i < 10; i++) entries.append(sampleEntry(i, 20));
    t.deepEqual([entries.counts, log.codes], [{ waiting: 10, lost: 0 }, ['disk-failure']]);
    t.deepEqual(journal.end, end, 'no number is used');
    collector.ask(journal, [WANT.range, journal.epoch, 0, 100]);
    const open = journal.openEpochs().length;
    t.is(open, 1);
    journal.close();
    const onReadOnly = await openTestJournal(disk.folder).catch((error: unknown) => codeOf(error));
    t.is(onReadOnly, 'disk-failure');

    disk.mend();
    const again = await openTestJournal(disk.folder);
    t.true(statSync(join(disk.folder, 'journal.sqlite')).size > 0);
    drainJournal(again, collector);
    t.is(collector.mark(end.epoch).n, end.n);
    again.close();
  },
);
