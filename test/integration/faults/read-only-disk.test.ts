import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beginJournal } from '@farola/agent/journal/sqlite-begin.js';
import { WaitingEntries } from '@farola/agent/journal/waiting-entries.js';
import { systemRandom, toHex, WANT } from '@farola/shared';
import { openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { breakingDiskTest } from '../../fakes/disk-test.js';
import { drainJournal } from '../../fakes/drain-journal.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { EPOCH_START, sampleEntry } from '../../fakes/test-journal.js';
import { testSigner } from '../../fakes/test-signer.js';
import { breakingDisk } from '../../fakes/tiny-disk.js';
import { untilFree } from '../../fakes/until-free.js';

breakingDiskTest(
  'the disk of a running collector turns read-only: polls are refused and nothing is acknowledged; when it is mended nothing is lost',
  async (t) => {
    const disk = breakingDisk(t, 32);
    const folders = { ledger: join(disk.folder, 'ledger'), state: disk.folder };
    let rig = await openRig(t, folders);
    const lcus = Array.from({ length: 3 }, (_, i) => rig.simulate(`malaga-000${i}`, i + 2));
    const known = lcus.map((_, i) => rig.enrol(`malaga-000${i}`, testSigner(i + 2)));
    const channels = lcus.map((lcu) => rig.connect(lcu));
    const { time } = rig;
    const sample = (): void => {
      const at = time.now();
      for (const lcu of lcus) {
        for (let i = 0; i < 50; i++) lcu.append({ kind: 'sample', at, analyser: 0, spanMs: 5, status: 'complete', values: [i] });
      }
    };
    const marks = (): number[] => known.map(({ lcuNo }, i) => rig.ledger.holding(lcuNo, lcus[i]!.present.epoch).mark.n);
    const acked = (): number[] => lcus.map(({ polls }) => Math.max(...polls.flatMap(({ acks }) => acks.map(([, n]) => n))));
    sample();
    await time.advance(2 * ROUND_MS);
    const stored = marks();
    t.deepEqual(stored, [51, 51, 51]);

    disk.break();
    for (let round = 0; round < 6; round++) {
      sample();
      await time.advance(ROUND_MS);
    }
    t.deepEqual(
      rig.log.filter(({ level }) => level !== 'info').map(({ fields, message }) => [fields['code'], message]),
      [['disk-failure', 'answers cannot be stored']],
      'one line for the whole fleet',
    );
    t.deepEqual([marks(), acked()], [stored, stored], 'what is stored can be read, and nothing else is acknowledged');
    t.is(rig.fleet.list().length, 3);
    t.deepEqual(
      channels.map(({ closedFor }) => closedFor),
      [undefined, undefined, undefined],
    );
    const late = rig.simulate('malaga-0000', 2);
    rig.connect(late);
    t.deepEqual(rig.refused, [], 'who connects is known');

    await rig.close();
    disk.mend();
    rig = await openRig(t, { ...folders, time });
    for (const lcu of lcus) rig.connect(lcu);
    await time.advance(2 * ROUND_MS);
    t.deepEqual(marks(), [351, 351, 351]);
    for (const one of known) t.like(rig.contact(one), { verdict: 'ok', backlog: 0 });
    await rig.close();
  },
);

breakingDiskTest(
  'the disk of a running agent turns read-only: entries wait and what is stored is delivered; it is mended and mounted, and the epoch goes on',
  async (t) => {
    const disk = breakingDisk(t, 16);
    const folder = join(disk.folder, 'state');
    mkdirSync(folder);
    const [log, clock] = [new RecordedLog(), new FakeTime()];
    const options = { path: join(folder, 'journal.sqlite'), lcuId: 'malaga-0042', maxBytes: 1e9, clock, random: systemRandom };
    const journal = await beginJournal(options, EPOCH_START, { wasGivenUp: () => false, onSetAside: () => t.fail() });
    t.teardown(() => journal.close());
    const entries = new WaitingEntries({ journal, log, clock });
    const collector = new StrictCollector();
    for (let i = 0; i < 300; i++) entries.append(sampleEntry(i, 20));
    collector.ask(journal, [WANT.newest, journal.epoch, 0]);
    const { epoch, end } = journal;

    disk.break();
    for (let i = 0; i < 10; i++) entries.append(sampleEntry(300 + i, 20));
    t.deepEqual([entries.counts, log.codes], [{ waiting: 10, lost: 0 }, ['disk-failure']]);
    collector.ask(journal, [WANT.range, epoch, 0, 100]);
    t.true(collector.known(epoch).entries.size > 256);

    disk.unplug();
    for (let i = 0; i < 10; i++) entries.append(sampleEntry(310 + i, 20));
    await untilFree(disk);
    entries.append(sampleEntry(320, 20));
    t.deepEqual([entries.counts.waiting, log.codes, journal.end], [21, ['disk-failure'], end]);
    disk.plug();
    entries.append(sampleEntry(321, 20));
    t.deepEqual([entries.counts, log.messages], [{ waiting: 0, lost: 0 }, ['the journal is written again']]);
    t.is(toHex(journal.epoch), toHex(epoch));
    t.is(journal.end.n, end.n + 22);
    drainJournal(journal, collector);
    t.is(collector.mark(epoch).n, end.n + 22);
  },
);
