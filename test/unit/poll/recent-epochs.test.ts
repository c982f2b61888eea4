import test from 'ava';
import { RecentEpochs } from '@farola/collector/poll/recent-epochs.js';

test('security: of ever new epochs the last 128 are remembered', (t) => {
  const recent = new RecentEpochs();
  for (let i = 0; i < 10_000; i++) recent.add(`${i}`);
  const known = Array.from({ length: 10_000 }, (_, i) => `${i}`).filter((name) => recent.has(name));
  t.deepEqual([known.length, known[0], known.at(-1)], [128, '9872', '9999']);
});

test('an epoch that is named again is the newest', (t) => {
  const recent = new RecentEpochs();
  for (let i = 0; i < 128; i++) recent.add(`${i}`);
  recent.add('0');
  recent.add('another');
  t.deepEqual([recent.has('0'), recent.has('1'), recent.has('2')], [true, false, true]);
});
