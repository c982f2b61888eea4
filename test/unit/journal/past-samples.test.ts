import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import type { EpochState, StoredEntry } from '@farola/agent/journal/epoch-state.js';
import { pastSamples, type PastSource, type PastWish } from '@farola/agent/journal/past-samples.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import { type AnalyserRow, encodeEntry, type KnownEntry, type SampleValue, systemRandom } from '@farola/shared';
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

const told = (journal: Journal, wish = ALL) => journal.pastSamples(wish).map(({ row, sample }) => [row.id, sample?.values[0]]);

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

const HOURLY = analyser(0, 'main', { periodS: 3_600 });
const FAST = analyser(1, 'park', { periodS: 2 });

/** What is found in earlier epochs of these rows, of the newest of which the samples, by index and values, and events are told. */
function foundIn(
  rows: readonly AnalyserRow[],
  samples: readonly (readonly [number, readonly SampleValue[]])[],
  { wish = ALL, behind = [], emptyRuns = 0 }: { wish?: PastWish; behind?: readonly KnownEntry[]; emptyRuns?: number } = {},
) {
  const start = { ...EPOCH_START, kind: 'start', at: new FakeTime().now(), previous: null, analysers: rows } as KnownEntry;
  const stored = (entries: readonly KnownEntry[]): StoredEntry[] => {
    return entries.map((entry, index) => ({ n: index + 1, bytes: encodeEntry(entry), head: new Uint8Array(32) }));
  };
  const read = samples.map(([row, values]) => ({ ...sampleEntry(0), analyser: row, values }));
  const epochs = [stored([start, ...read, ...behind]), ...Array.from({ length: emptyRuns }, () => stored([start]))];
  const of = ({ id }: EpochState): StoredEntry[] => epochs[id] ?? [];
  const epoch = (id: number) => ({ id }) as EpochState;
  const source: PastSource = {
    before: ({ id }) => (id > 0 ? epoch(id - 1) : undefined),
    at: (one, n) => of(one)[n - 1],
    newestFirst: (one) => of(one).toReversed(),
  };
  return pastSamples(epoch(epochs.length), source, wish).map(({ row, sample }) => [row.id, sample?.values[0]]);
}

test('an agent that is started again each quarter of a minute for an hour goes on from its counters; no more than 256 runs are looked into', (t) => {
  t.deepEqual(foundIn([HOURLY], [[0, [1]]], { emptyRuns: 255 }), [['main', 1]]);
  t.deepEqual(foundIn([HOURLY], [[0, [1]]], { emptyRuns: 256 }), []);
});

const emptyOf = (row: number, count: number) => Array.from({ length: count }, () => [row, []] as const);

test('a counter that is read once an hour is found behind those that are read every two seconds', (t) => {
  const fast = Array.from({ length: 5_000 }, (_, n) => [1, [n]] as const);
  t.deepEqual(foundIn([HOURLY, FAST], [[0, [1]], ...fast]), [
    ['park', 4_999],
    ['main', 1],
  ]);
});

test('no more entries are looked at than two periods of the slowest counter have, and 4096 beside', (t) => {
  const rows = [analyser(0, 'main', { periodS: 60 }), FAST];
  const ofTwoPeriods = 2 + 60;
  const samples = [[0, [1]] as const, [1, [2]] as const, ...emptyOf(1, ofTwoPeriods + 4_095)];
  t.deepEqual(foundIn(rows, samples), [['park', 2]]);
});

test('a slow row that is not looked for makes nothing be looked at longer', (t) => {
  const wish = { ...ALL, wants: ({ id }: AnalyserRow) => id === 'park' };
  t.deepEqual(foundIn([HOURLY, FAST], [[1, [2]], ...emptyOf(1, 2 + 3_600 + 4_096)], { wish }), []);
  t.deepEqual(foundIn([HOURLY, FAST], [[1, [2]], ...emptyOf(1, 4_096)], { wish }), [['park', 2]]);
});

test('of a device that was exchanged since it is told that it was, and not what it showed', async (t) => {
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
    past.map(({ row, sample }) => [row.id, row.index, sample?.values[0]]),
    [
      ['main', 2, 7],
      ['park', 1, 3],
      ['main', 0, undefined],
    ],
  );
});

test('an exchange is told of a row whose own samples lie too far back', (t) => {
  const exchanged = { kind: 'event', at: new FakeTime().now(), code: 'meter-exchanged', facts: ['park', '4711', '815'] } as const;
  t.deepEqual(foundIn([HOURLY, FAST], [[0, [1]]], { behind: [exchanged] }), [
    ['park', undefined],
    ['main', 1],
  ]);
});
