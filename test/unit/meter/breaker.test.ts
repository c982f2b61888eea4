import { Breaker } from '@farola/agent/meter/breaker.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

/** A breaker on a clock that a test moves. */
function bench(random = () => 0) {
  const time = new FakeTime();
  const breaker = new Breaker({ nowMs: () => time.now().monoMs, random });
  return { time, breaker };
}

test('one failure changes nothing, a second in a row opens it', (t) => {
  const { breaker } = bench();
  breaker.failed();
  t.is(breaker.permission(), 'everything');
  breaker.answered();
  breaker.failed();
  t.is(breaker.permission(), 'everything');
  breaker.failed();
  t.is(breaker.permission(), 'nothing');
  t.true(breaker.isOpen);
});

test('the pause between two probes doubles from one second to thirty', async (t) => {
  const { time, breaker } = bench();
  breaker.failed();
  const pauses: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    breaker.failed();
    pauses.push(breaker.waitMs);
    await time.advance(breaker.waitMs - 1);
    t.is(breaker.permission(), 'nothing');
    await time.advance(1);
    t.is(breaker.permission(), 'one-question');
  }
  t.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('an answer closes it, and the next pause begins anew', async (t) => {
  const { time, breaker } = bench();
  for (let turn = 0; turn < 5; turn++) breaker.failed();
  await time.advance(breaker.waitMs);
  breaker.answered();
  t.is(breaker.permission(), 'everything');
  breaker.failed();
  breaker.failed();
  t.is(breaker.waitMs, 1_000);
});

test('analysers that died together are not probed together', (t) => {
  const draws = [0, 0.5, 0.99];
  const pauses = draws.map((draw) => {
    const { breaker } = bench(() => draw);
    breaker.failed();
    breaker.failed();
    return breaker.waitMs;
  });
  t.deepEqual(pauses, [1_000, 1_125, 1_247.5]);
});
