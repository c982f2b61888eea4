import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import type { PastWish } from '@farola/agent/journal/past-samples.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-journal.js';
import { type AnalyserRow, type SampleValue, systemRandom } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { analyser } from '../../fakes/test-chain.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START, sampleEntry } from '../../fakes/test-journal.js';

const ALL: PastWish = { wants: () => true, takes: (_row, { values }) => values.length > 0 };
const MAIN = analyser(0, 'main');
const PARK = analyser(1, 'park');

/** A journal in a folder of the test; `run` closes it and begins the next epoch, with these rows. */
function folderOf(t: ExecutionContext) {
  const path = join(temporaryFolder(t), 'journal.sqlite');
  let journal: Journal | undefined;
  t.teardown(() => journal?.close());
  const run = async (analysers: readonly AnalyserRow[] = [MAIN, PARK], boot = 7): Promise<Journal> => {
    journal?.close();
    const options = { path, lcuId: 'malaga-0042', maxBytes: 1e9, clock: new FakeTime(), random: systemRandom };
    journal = await openSqliteJournal(options);
    journal.beginEpoch({ ...EPOCH_START, boot: new Uint8Array(16).fill(boot), analysers });
    return journal;
  };
  return { run };
}

const add = (journal: Journal, row: number, values: readonly SampleValue[]): void => {
  journal.append({ ...sampleEntry(0), analyser: row, values });
};

const told = (journal: Journal, wish = ALL) => journal.pastSamples(wish).map(({ row, sample }) => [row.id, sample.values[0]]);

test('a first epoch has nothing before it', async (t) => {
  const { run } = folderOf(t);
  const journal = await run();
  add(journal, 0, [1]);
  t.deepEqual(told(journal), []);
});

test('the newest sample of each row of the epoch before is told, with its row and boot', async (t) => {
  const { run } = folderOf(t);
  const first = await run([MAIN, PARK], 3);
  for (const value of [1, 2, 3]) add(first, 0, [value]);
  add(first, 1, [9]);
  first.append({ kind: 'event', at: new FakeTime().now(), code: 'stop', facts: [] });
  const [park, main, ...others] = (await run()).pastSamples(ALL);
  t.deepEqual(others, []);
  t.like(main, { row: MAIN, sample: { analyser: 0, values: [3] } });
  t.like(park, { row: PARK, sample: { analyser: 1, values: [9] } });
  t.deepEqual([main?.boot, park?.boot], [new Uint8Array(16).fill(3), new Uint8Array(16).fill(3)]);
});

test('a sample that will not do is passed over for an older one', async (t) => {
  const { run } = folderOf(t);
  const first = await run();
  add(first, 0, [5]);
  add(first, 0, []);
  t.deepEqual(told(await run()), [['main', 5]]);
});

test('rows that are not wanted are not looked for', async (t) => {
  const { run } = folderOf(t);
  const first = await run();
  add(first, 0, [1]);
  add(first, 1, [2]);
  t.deepEqual(told(await run(), { ...ALL, wants: ({ id }) => id === 'park' }), [['park', 2]]);
});

test('runs that measured nothing are passed over, and newer samples hide older ones', async (t) => {
  const { run } = folderOf(t);
  const first = await run();
  add(first, 0, [1]);
  add(first, 1, [2]);
  add(await run(), 1, [3]);
  await run();
  await run();
  t.deepEqual(told(await run()), [
    ['park', 3],
    ['main', 1],
  ]);
});

test('no more than eight runs are looked into', async (t) => {
  const { run } = folderOf(t);
  add(await run(), 0, [1]);
  for (let again = 0; again < 7; again++) await run();
  t.deepEqual(told(await run()), [['main', 1]]);
  t.deepEqual(told(await run()), []);
});

test('no more than 4096 entries are looked at', async (t) => {
  const { run } = folderOf(t);
  const first = await run();
  add(first, 1, [2]);
  add(first, 0, [1]);
  for (let n = 0; n < 4_095; n++) add(first, 0, []);
  t.deepEqual(told(await run()), [['main', 1]]);
});

test('of a device that was exchanged since, what it showed is told as that of another one', async (t) => {
  const { run } = folderOf(t);
  const first = await run();
  add(first, 0, [1]);
  add(first, 1, [2]);
  first.append({ kind: 'event', at: new FakeTime().now(), code: 'meter-exchanged', facts: ['main', '4711', '815'] });
  add(first, 1, [3]);
  const second = await run([MAIN, PARK, analyser(2, 'main', { quantities: [2] })]);
  add(second, 2, [7]);
  const past = (await run()).pastSamples(ALL);
  t.deepEqual(
    past.map(({ row, sample, isOfOther }) => [row.id, sample.values[0], isOfOther]),
    [
      ['main', 7, false],
      ['park', 3, false],
      ['main', 1, true],
    ],
  );
});
