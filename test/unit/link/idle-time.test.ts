import { IdleTime } from '@farola/agent/link/idle-time.js';
import test from 'ava';

const DAY_MS = 86_400_000;

/** A loss after the idle time, and a dial that succeeds so much later; gives the time of the dial. */
function loseAndDial(idle: IdleTime, atMs: number, laterMs = 2_000): number {
  idle.lost(idle.ms(atMs), atMs);
  idle.dialled(atMs + laterMs);
  return atMs + laterMs;
}

test('a silent connection that was forgotten while the network was there halves the idle time', (t) => {
  const idle = new IdleTime(600_000);
  let atMs = 1_000_000;
  const learned = [1, 2, 3, 4, 5, 6].map(() => {
    atMs = loseAndDial(idle, atMs);
    return idle.ms(atMs);
  });
  t.deepEqual(learned, [300_000, 150_000, 75_000, 37_500, 30_000, 30_000]);
});

test('a loss that no dial follows soon was one of the network, and teaches nothing', (t) => {
  const idle = new IdleTime(600_000);
  loseAndDial(idle, 1_000_000, 120_001);
  t.is(idle.ms(2_000_000), 600_000);
});

test('dials without a loss teach nothing', (t) => {
  const idle = new IdleTime(600_000);
  for (let atMs = 0; atMs < 100_000; atMs += 1_000) idle.dialled(atMs);
  t.is(idle.ms(100_000), 600_000);
});

test('each day without a loss doubles it again, up to what is configured', (t) => {
  const idle = new IdleTime(600_000);
  let atMs = loseAndDial(idle, loseAndDial(idle, 1_000_000));
  t.is(idle.ms(atMs + DAY_MS - 1), 150_000);
  t.is(idle.ms((atMs += DAY_MS)), 300_000);
  t.is(idle.ms((atMs += DAY_MS)), 600_000);
  t.is(idle.ms((atMs += DAY_MS)), 600_000);
});

test('what is configured below the least is left as it is', (t) => {
  const idle = new IdleTime(10_000);
  t.is(idle.ms(0), 10_000);
  t.is(idle.ms(loseAndDial(idle, 1_000)), 10_000);
});
