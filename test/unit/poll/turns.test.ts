import test from 'ava';
import { Turns } from '@farola/collector/poll/turns.js';

/** A promise and what settles it. */
function gate(): { open: () => void; promise: Promise<void> } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { open, promise };
}

test('runs what concerns one LCU in order, also after a failure, and lets others pass', async (t) => {
  const turns = new Turns();
  const done: string[] = [];
  const first = gate();
  const failing = turns.run(1, async () => {
    await first.promise;
    done.push('first');
    throw new Error('lost');
  });
  const second = turns.run(1, () => Promise.resolve(done.push('second')));
  await turns.run(2, () => Promise.resolve(done.push('other')));
  t.deepEqual(done, ['other']);
  first.open();
  await t.throwsAsync(failing, { message: 'lost' });
  await second;
  t.deepEqual(done, ['other', 'first', 'second']);
});
