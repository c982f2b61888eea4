import test from 'ava';
import { Deadlines } from '@farola/collector/poll/deadlines.js';
import { FakeTime } from '../../fakes/fake-time.js';

const MS = 1000;

/** Deadlines on a clock that a test moves, and who expired at what time. */
function setUp() {
  const time = new FakeTime();
  const beganMs = time.now().monoMs;
  const expired: string[] = [];
  const deadlines = new Deadlines(time, time, MS);
  const wait = (name: string): { name: string; expire: () => void } => {
    const waiter = { name, expire: () => void expired.push(`${name} ${time.now().monoMs - beganMs}`) };
    deadlines.add(waiter, time.now().monoMs);
    return waiter;
  };
  return { time, expired, deadlines, wait };
}

test('tells each once, when it has waited long enough', async (t) => {
  const { time, expired, wait } = setUp();
  wait('a');
  await time.advance(300);
  wait('b');
  wait('c');
  await time.advance(999);
  t.deepEqual(expired, ['a 1000']);
  await time.advance(5000);
  t.deepEqual(expired, ['a 1000', 'b 1300', 'c 1300']);
});

test('whoever waits no more is not told, and with the last the timer goes', async (t) => {
  const { time, expired, deadlines, wait } = setUp();
  const [a, b] = [wait('a'), wait('b')];
  await time.advance(500);
  const c = wait('c');
  deadlines.delete(a);
  t.is(time.pending, 1, 'one timer for all');
  await time.advance(500);
  t.deepEqual(expired, ['b 1000']);
  deadlines.delete(b);
  deadlines.delete(c);
  t.is(time.pending, 0);
  await time.advance(5000);
  t.deepEqual(expired, ['b 1000']);
});

test('what begins to wait as another expires has its whole time, and keeps none from being told in time', async (t) => {
  const { time, expired, deadlines, wait } = setUp();
  deadlines.add({ expire: () => void wait('again') }, time.now().monoMs);
  await time.advance(400);
  wait('b');
  await time.advance(5000);
  t.deepEqual(expired, ['b 1400', 'again 2000']);
});

test('one that waits again has its whole time', async (t) => {
  const { time, expired, deadlines, wait } = setUp();
  const a = wait('a');
  wait('b');
  await time.advance(600);
  deadlines.delete(a);
  deadlines.add(a, time.now().monoMs);
  await time.advance(5000);
  t.deepEqual(expired, ['b 1000', 'a 1600']);
});
