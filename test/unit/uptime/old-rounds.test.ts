import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { firstKept, OldRounds } from '@farola/collector/uptime/old-rounds.js';
import { openSqliteUptime, type SqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ROUND = 300_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 18);
/** With 2 months kept. */
const CUT = Date.UTC(2026, 8, 1);

interface Scene {
  readonly time: FakeTime;
  readonly store: SqliteUptime;
  readonly old: OldRounds;
  /** How many runs each of these LCUs has. */
  readonly counts: (...lcuNos: readonly number[]) => number[];
}

async function openScene(t: ExecutionContext): Promise<Scene> {
  const store = await openSqliteUptime({ path: join(temporaryFolder(t), 'uptime.db') });
  t.teardown(() => store.close());
  const time = new FakeTime(NOW);
  const old = new OldRounds({ store, clock: time, keepMonths: 2 });
  const counts = (...lcuNos: readonly number[]): number[] => lcuNos.map((lcuNo) => store.runs(lcuNo, 0, NOW * 2).length);
  return { time, store, old, counts };
}

/** A run that ends at this time. */
function ended(lcuNo: number, atMs: number, rounds = 10) {
  return { lcuNo, fromMs: atMs - rounds * ROUND, roundMs: ROUND, rounds, outcome: 'ok' } as const;
}

test('runs that ended before the months that are kept are dropped, and no other', async (t) => {
  const { time, store, old } = await openScene(t);
  const kept = [ended(3, CUT + ROUND), ended(3, NOW)];
  store.write([ended(3, CUT - DAY), ended(3, CUT), ...kept]);
  await time.advance(HOUR);
  old.look();
  t.deepEqual(store.runs(3, 0, NOW), kept);
  t.deepEqual(store.last(3), kept[1]);
});

test('a run that goes on since before stays whole', async (t) => {
  const { time, store, old } = await openScene(t);
  const run = ended(3, NOW, 100_000);
  t.true(run.fromMs < CUT - 200 * DAY);
  store.write([run]);
  await time.advance(HOUR);
  old.look();
  t.deepEqual(store.runs(3, 0, NOW), [run]);
});

test('a large fleet is gone through in parts, each LCU once', async (t) => {
  const { time, store, old, counts } = await openScene(t);
  const lcuNos = [...Array(120).keys()].map((i) => i * 7);
  store.write(lcuNos.flatMap((lcuNo) => [ended(lcuNo, CUT - DAY), ended(lcuNo, NOW)]));
  await time.advance(HOUR);
  old.look();
  t.deepEqual(counts(0, 49 * 7, 50 * 7), [1, 1, 2]);
  old.look();
  old.look();
  t.true(counts(...lcuNos).every((count) => count === 1));
});

test('the first pass waits an hour after the start, whatever the wall clock says, and the next a day', async (t) => {
  const { time, store, old, counts } = await openScene(t);
  store.write([ended(3, NOW)]);
  time.step(400 * DAY);
  old.look();
  await time.advance(HOUR - 1);
  old.look();
  t.deepEqual(counts(3), [1], 'a clock that is wrong at the start drops nothing while it is put right');
  time.step(-400 * DAY);
  await time.advance(1);
  for (let i = 0; i < 3; i++) old.look();
  store.write([ended(3, CUT - DAY)]);
  await time.advance(DAY - 1);
  old.look();
  t.deepEqual(counts(3), [2]);
  await time.advance(1);
  old.look();
  t.deepEqual(counts(3), [1]);
});

for (const [now, months, first] of [
  [NOW, 36, '2023-11-01'],
  [Date.UTC(2026, 2, 31, 23, 59), 1, '2026-02-01'],
  [Date.UTC(2026, 0, 1), 1, '2025-12-01'],
] as const) {
  test(`${months} months before ${new Date(now).toISOString()} begin at ${first}`, (t) => {
    t.is(new Date(firstKept(now, months)).toISOString(), `${first}T00:00:00.000Z`);
  });
}
