import test from 'ava';
import { repeat } from '@farola/collector/main/repeat.js';
import { FakeTime } from '../../fakes/fake-time.js';

test('does a chore again and again, also after it failed, until it is stopped', async (t) => {
  const time = new FakeTime();
  const failures: unknown[] = [];
  let done = 0;
  const stop = repeat(
    time,
    1000,
    () => {
      if (++done === 2) throw new Error('full');
    },
    (error) => failures.push(error),
  );
  await time.advance(3000);
  t.is(done, 3);
  t.is(failures.length, 1);
  stop();
  await time.advance(5000);
  t.is(done, 3);
  t.is(time.pending, 0);
});
