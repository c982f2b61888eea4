import { AnswerTime } from '@farola/agent/meter/line/answer-time.js';
import { LatencyCounts } from '@farola/agent/meter/line/latency-counts.js';
import test from 'ava';

const learned = (...tookMs: number[]) => {
  const time = new AnswerTime({ leastMs: 0, mostMs: 1_000 });
  for (const ms of tookMs) time.answered(ms, false);
  return time;
};

test('an analyser that never answered is given the longest time', (t) => {
  t.is(learned().timeoutMs, 1_000);
});

test('the time to answer is four times the slowest answer lately, and 50 ms', (t) => {
  t.is(learned(40, 60, 50).timeoutMs, 290);
});

test('a slow answer counts for 32 to 64 answers more', (t) => {
  const slow = 200;
  const fast = (count: number): number[] => Array.from({ length: count }, () => 10);
  t.is(learned(slow, ...fast(32)).timeoutMs, 850);
  t.is(learned(slow, ...fast(64)).timeoutMs, 90);
});

test('the time stays within its bounds', (t) => {
  t.is(learned(900).timeoutMs, 1_000);
  const held = new AnswerTime({ leastMs: 500, mostMs: 1_000 });
  held.answered(10, false);
  t.is(held.timeoutMs, 500);
});

test('each wait in vain doubles the time up to the longest, and answers bring it back', (t) => {
  const time = learned(10);
  t.is(time.timeoutMs, 90);
  time.gaveUp();
  t.is(time.timeoutMs, 180);
  for (let turn = 0; turn < 10; turn++) time.gaveUp();
  t.is(time.timeoutMs, 1_000);
  for (let turn = 0; turn < 10; turn++) time.answered(10, false);
  t.is(time.timeoutMs, 90);
});

test('an answer that was there at the first look is looked for sooner, one that was not when it came', (t) => {
  const time = learned(40);
  t.is(time.typicalMs, 40);
  time.answered(40, true);
  t.is(time.typicalMs, 37.5);
  time.answered(37.5, true);
  t.is(time.typicalMs, 37.5 - 37.5 / 8);
  time.answered(39, false);
  t.is(time.typicalMs, 39);
  time.answered(39, true);
  t.is(time.typicalMs, 39 - 39 / 16);
});

/** What is lost by looking too late, ms, at an analyser that takes so long each time. */
function lostMs(time: AnswerTime, takesMs: readonly number[]): number {
  let lost = 0;
  for (const ms of takesMs) {
    const atFirstLook = ms <= time.typicalMs;
    const tookMs = atFirstLook ? time.typicalMs : ms + 1;
    time.answered(tookMs, atFirstLook);
    lost += tookMs - ms;
  }
  return lost;
}
const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

test('one answer that was held up keeps those after it waiting for ten milliseconds at most', (t) => {
  const time = learned(5, 5, 5);
  time.answered(200, false);
  t.true(lostMs(time, times(40, 5)) <= 40 * 1 + 10);
});

test('where the first answer of all was held up, it is forgotten within eight', (t) => {
  const time = learned(200);
  lostMs(time, times(8, 5));
  t.true(time.typicalMs < 7, String(time.typicalMs));
});

test('an analyser that has become slower is looked for as late within twelve answers', (t) => {
  const time = learned(5, 5, 5);
  lostMs(time, times(12, 60));
  t.true(time.typicalMs > 50, String(time.typicalMs));
});

test('an analyser that always takes as long costs a millisecond an answer at most', (t) => {
  for (const ms of [0, 1, 5, 20, 40, 300]) {
    const time = learned(ms);
    lostMs(time, times(10, ms));
    t.true(lostMs(time, times(100, ms)) <= 100, `${ms} ms`);
  }
});

test('a percentile of latencies is known within a quarter', (t) => {
  const counts = new LatencyCounts();
  t.is(counts.percentile(0.5), null);
  for (let ms = 1; ms <= 100; ms++) counts.add(ms);
  const half = counts.percentile(0.5) ?? 0;
  t.true(half >= 50 && half <= 62.5, String(half));
  const most = counts.percentile(1) ?? 0;
  t.true(most >= 100 && most <= 125, String(most));
});
