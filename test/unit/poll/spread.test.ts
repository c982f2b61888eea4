import test from 'ava';
import { offsetInRound, untilNextPoll } from '@farola/collector/poll/spread.js';

const ROUND_MS = 300_000;

test('gives every LCU the same place in each round', (t) => {
  t.is(offsetInRound('malaga-0042', ROUND_MS), offsetInRound('malaga-0042', ROUND_MS));
  const wait = untilNextPoll(217_003, ROUND_MS, 1_795_000_000_000);
  t.is(untilNextPoll(217_003, ROUND_MS, 1_795_000_000_000 + wait), ROUND_MS);
});

test('spreads a fleet evenly over the round', (t) => {
  const minutes = new Array<number>(5).fill(0);
  for (let i = 0; i < 1000; i++) {
    const minute = Math.floor(offsetInRound(`lcu-${i}`, ROUND_MS) / 60_000);
    minutes[minute] = (minutes[minute] ?? 0) + 1;
  }
  for (const count of minutes) t.true(count > 150 && count < 250, minutes.join(' '));
});

test('never waits longer than a round, nor not at all', (t) => {
  for (let wallMs = 0; wallMs < 2 * ROUND_MS; wallMs += 997) {
    const wait = untilNextPoll(217_003, ROUND_MS, wallMs);
    t.true(wait > 0 && wait <= ROUND_MS, `${wait}`);
  }
});
