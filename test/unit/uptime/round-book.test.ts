import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { offsetInRound } from '@farola/collector/poll/spread.js';
import { COMES_WITHIN_MS } from '@farola/collector/uptime/awaited.js';
import { RoundBook } from '@farola/collector/uptime/round-book.js';
import { openSqliteUptime, type SqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ROUND = 300_000;
const LCU = { lcuNo: 3, lcuId: 'malaga-0042', state: 'active' } as const;
/** A whole number of rounds since 1970, and the place of the LCU in it. */
const FIRST_DUE = Date.UTC(2026, 10, 22, 18) + offsetInRound(LCU.lcuId, ROUND);

interface Scene {
  readonly time: FakeTime;
  readonly connected: Set<number>;
  readonly store: SqliteUptime;
  readonly book: RoundBook;
  /** Moves time, looking each second as the collector does. */
  readonly look: (seconds: number) => Promise<void>;
  /** The runs on disk: rounds since the first due, how many, and what they came to. */
  readonly runs: () => string[];
}

/** @param ranMs how long the collector has run before, a multiple of a second */
async function openScene(t: ExecutionContext, startMs = FIRST_DUE - 10_000, ranMs = COMES_WITHIN_MS): Promise<Scene> {
  const store = await openSqliteUptime({ path: join(temporaryFolder(t), 'uptime.db') });
  t.teardown(() => store.close());
  const [time, connected] = [new FakeTime(startMs - ranMs), new Set<number>()];
  const book = new RoundBook({ store, isConnected: (lcuNo) => connected.has(lcuNo), clock: time, roundMs: ROUND });
  book.setRoster([LCU]);
  for (let second = 0; second < ranMs / 1_000; second++) {
    await time.advance(1_000);
    book.look();
  }
  return {
    time,
    connected,
    store,
    book,
    async look(seconds) {
      for (let second = 0; second < seconds; second++) {
        await time.advance(1_000);
        book.look();
        book.flush();
      }
    },
    runs: () =>
      store
        .runs(LCU.lcuNo, 0, Number.MAX_SAFE_INTEGER)
        .map(({ fromMs, rounds, outcome }) => `${(fromMs - FIRST_DUE) / ROUND}+${rounds} ${outcome}`),
  };
}

test('the first poll of a round decides it, and rounds of the same outcome are one row that grows', async (t) => {
  const { book, runs } = await openScene(t);
  for (let round = 0; round < 4; round++) {
    book.decided(LCU, FIRST_DUE + round * ROUND + 5, 'ok');
    book.decided(LCU, FIRST_DUE + round * ROUND + 9_000, 'answer-missing');
    book.flush();
  }
  book.decided(LCU, FIRST_DUE + 4 * ROUND, 'signature-invalid');
  book.decided(LCU, FIRST_DUE + 5 * ROUND, 'ok');
  book.flush();
  t.deepEqual(runs(), ['0+4 ok', '4+1 signature-invalid', '5+1 ok']);
});

test('a timer that comes a moment early decides the round that it came for', async (t) => {
  const { book, runs } = await openScene(t);
  for (let round = 0; round < 3; round++) book.decided(LCU, FIRST_DUE + round * ROUND - 2, 'ok');
  book.flush();
  t.deepEqual(runs(), ['0+3 ok']);
});

test('an LCU that is not connected when its round is due is down for it, whatever comes after', async (t) => {
  const { book, connected, look, time, runs } = await openScene(t);
  await look(12);
  t.deepEqual(runs(), ['0+1 lcu-not-connected']);
  connected.add(LCU.lcuNo);
  book.decided(LCU, time.now().wallMs, 'ok');
  await look(ROUND / 1_000);
  t.deepEqual(runs(), ['0+1 lcu-not-connected'], 'one that is connected is asked: its answer decides');
  book.decided(LCU, FIRST_DUE + ROUND, 'ok');
  book.flush();
  t.deepEqual(runs(), ['0+1 lcu-not-connected', '1+1 ok']);
});

test('a connection that is replaced during its poll leaves the round to the new one', async (t) => {
  const { book, connected, runs } = await openScene(t);
  connected.add(LCU.lcuNo);
  book.decided(LCU, FIRST_DUE, 'lcu-not-connected');
  book.decided(LCU, FIRST_DUE + 400, 'ok');
  book.flush();
  t.deepEqual(runs(), ['0+1 ok']);
});

test('an LCU that could not have come yet is not missed: the collector began, or it was approved, a moment ago', async (t) => {
  for (const [ranMs, runs] of [
    [0, []],
    [COMES_WITHIN_MS - 11_000, []],
    [COMES_WITHIN_MS - 10_000, ['0+1 lcu-not-connected']],
  ] as const) {
    const scene = await openScene(t, FIRST_DUE - 10_000, ranMs);
    await scene.look(12);
    t.deepEqual(scene.runs(), runs, `${ranMs}`);
  }
  const { book, look, runs } = await openScene(t);
  book.setRoster([]);
  book.setRoster([LCU]);
  await look(12);
  t.deepEqual(runs(), [], 'approved ten seconds before its place');
  await look(ROUND / 1_000);
  t.deepEqual(runs(), ['1+1 lcu-not-connected'], 'its next place is held against it');
});

test('an LCU that came and went is missed, however soon after the start', async (t) => {
  const { book, connected, look, time, runs } = await openScene(t, FIRST_DUE - 10_000, 0);
  connected.add(LCU.lcuNo);
  book.decided(LCU, time.now().wallMs, 'ok');
  connected.delete(LCU.lcuNo);
  await look(12);
  t.deepEqual(runs(), ['-1+1 ok', '0+1 lcu-not-connected']);
});

test('one that comes after its place, soon after the start, is up by its first answer', async (t) => {
  const { book, connected, look, time, runs } = await openScene(t, FIRST_DUE - 10_000, 0);
  await look(30);
  connected.add(LCU.lcuNo);
  book.decided(LCU, time.now().wallMs, 'ok');
  book.flush();
  t.deepEqual(runs(), ['0+1 ok']);
});

test('only who is in service is missed', async (t) => {
  const { book, look, runs } = await openScene(t);
  for (const state of ['invited', 'pending', 'revoked', 'retired'] as const) {
    book.setRoster([{ ...LCU, state }]);
    await look(ROUND / 1_000);
  }
  t.deepEqual(runs(), []);
  book.setRoster([{ ...LCU, state: 'quarantined' }]);
  await look((2 * ROUND) / 1_000);
  t.deepEqual(runs(), ['5+1 lcu-not-connected']);
});

test('what was due while the machine slept, or before the clock was set, is unknown', async (t) => {
  const { book, look, time, runs } = await openScene(t);
  await look(12);
  time.step(3 * ROUND);
  await look(2);
  t.deepEqual(runs(), ['0+1 lcu-not-connected']);
  await look(ROUND / 1_000);
  t.deepEqual(runs(), ['0+1 lcu-not-connected', '4+1 lcu-not-connected']);
  time.step(-5 * ROUND);
  await look(ROUND / 1_000);
  book.decided(LCU, time.now().wallMs, 'ok');
  book.flush();
  t.deepEqual(runs(), ['0+1 lcu-not-connected', '4+1 lcu-not-connected'], 'a round is written once');
});

test('a collector that ends says nothing of the LCUs whose connections it closes', async (t) => {
  const { book, runs } = await openScene(t);
  book.decided(LCU, FIRST_DUE, 'ok');
  book.close();
  book.decided(LCU, FIRST_DUE + ROUND, 'lcu-not-connected');
  book.flush();
  t.deepEqual(runs(), ['0+1 ok']);
});

test('a collector that starts again goes on where it was, and leaves what it missed unknown', async (t) => {
  const { book, connected, store, time, runs } = await openScene(t);
  book.decided(LCU, FIRST_DUE, 'ok');
  book.flush();
  const again = (): RoundBook =>
    new RoundBook({ store, isConnected: (lcuNo) => connected.has(lcuNo), clock: time, roundMs: ROUND });
  const second = again();
  second.decided(LCU, FIRST_DUE + 60_000, 'answer-missing');
  second.decided(LCU, FIRST_DUE + ROUND, 'ok');
  second.flush();
  const third = again();
  third.decided(LCU, FIRST_DUE + 4 * ROUND, 'ok');
  third.flush();
  t.deepEqual(runs(), ['0+2 ok', '4+1 ok']);
});

test('what could not be written is written with the next', async (t) => {
  const scene = await openScene(t);
  const writes: number[] = [];
  const store = {
    last: () => undefined,
    write(runs: readonly unknown[]) {
      writes.push(runs.length);
      if (writes.length === 1) throw new Error('disk');
    },
  };
  const book = new RoundBook({ store, isConnected: () => true, clock: scene.time, roundMs: ROUND });
  book.decided(LCU, FIRST_DUE, 'ok');
  t.throws(() => book.flush());
  book.decided(LCU, FIRST_DUE + ROUND, 'answer-missing');
  book.flush();
  book.flush();
  t.deepEqual(writes, [1, 2]);
});

test('the runs of a window are those that reach into it', async (t) => {
  const { store } = await openScene(t);
  const run = (fromMs: number, rounds: number) => ({ lcuNo: 3, fromMs, roundMs: 10, rounds, outcome: 'ok' as const });
  store.write([run(100, 5), run(200, 1), { ...run(120, 9), lcuNo: 4 }]);
  store.write([run(200, 3)]);
  const found = (fromMs: number, toMs: number): number[] => store.runs(3, fromMs, toMs).map((one) => one.fromMs);
  t.deepEqual(found(0, 100), []);
  t.deepEqual(found(0, 101), [100]);
  t.deepEqual(found(149, 200), [100]);
  t.deepEqual(found(150, 200), []);
  t.deepEqual(found(140, 300), [100, 200]);
  t.deepEqual(found(229, 300), [200]);
  t.deepEqual(found(230, 300), []);
  t.is(store.last(3)?.rounds, 3);
  t.is(store.last(5), undefined);
});
