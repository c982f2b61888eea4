import test from 'ava';
import { Deadline } from '@farola/agent/meter/line/deadline.js';
import { FakeTime } from '../../../fakes/fake-time.js';

function scene() {
  const time = new FakeTime();
  let armed = 0;
  const timers = {
    after: (delayMs: number, run: () => void) => {
      armed++;
      return time.after(delayMs, run);
    },
  };
  const beganMs = time.now().monoMs;
  const nowMs = (): number => time.now().monoMs;
  return { time, deadline: new Deadline(timers, nowMs), armed: () => armed, at: () => nowMs() - beganMs };
}

test('ends when it is due, once, whether the timer beneath was set for it or for one before', async (t) => {
  const { time, deadline, at } = scene();
  const ended: number[] = [];
  const end = (): void => void ended.push(at());
  deadline.set(1000, end);
  await time.advance(400);
  deadline.met();
  deadline.set(1000, end);
  await time.advance(5000);
  t.deepEqual(ended, [1400]);
  deadline.set(1000, end);
  deadline.set(300, end);
  await time.advance(5000);
  t.deepEqual(ended, [1400, 5700], 'one that is due earlier');
});

test('one that was met ends never, and what it was set for is not told for the next', async (t) => {
  const { time, deadline } = scene();
  deadline.set(1000, () => t.fail());
  deadline.met();
  await time.advance(999);
  let ended = 0;
  deadline.set(1000, () => ended++);
  await time.advance(999);
  t.is(ended, 0);
  await time.advance(1);
  t.is(ended, 1);
});

test('a thousand questions that are answered arm a timer for each time that it runs out, and none is left when it is closed', async (t) => {
  const { time, deadline, armed } = scene();
  for (let question = 0; question < 1000; question++) {
    deadline.set(1000, () => t.fail());
    await time.advance(5);
    deadline.met();
  }
  t.true(armed() <= 6, `${armed()}`);
  deadline.set(1000, () => t.fail());
  deadline.close();
  t.is(time.pending, 0);
  await time.advance(5000);
});
