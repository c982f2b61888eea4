import { AnalyserHealth } from '@farola/agent/config/analyser-health.js';
import test from 'ava';

/** Two scan groups of `mains`, one of `park`. */
const rows = (): AnalyserHealth => new AnalyserHealth(['mains', 'mains', 'park']);

test('an analyser answers while one of its groups does', (t) => {
  const health = rows();
  t.deepEqual(health.answered, []);
  health.sampled(0, 'complete');
  health.sampled(1, 'exception');
  t.deepEqual(health.answered, ['mains']);
  t.is(health.whySilent(['mains', 'park', 'gone']), 'analyser park is silent');
});

for (const status of ['timeout', 'malformed', 'line-unavailable', 'not-asked', 'other-meter'] as const) {
  test(`one group that meets ${status} speaks for all groups of its analyser, however seldom these are read`, (t) => {
    const health = rows();
    health.sampled(1, 'complete');
    health.sampled(2, 'partial');
    health.sampled(0, status);
    t.deepEqual(health.answered, ['park']);
    t.is(health.whySilent(['mains', 'park']), 'analyser mains is silent');
    health.sampled(0, 'partial');
    t.is(health.whySilent(['mains', 'park']), undefined);
  });
}

test('where something answered before and nothing does now, new names do not hide it', (t) => {
  const renamed = new AnalyserHealth(['mains2', 'park2']);
  t.is(renamed.whySilent(['mains', 'park']), 'no analyser answers');
  renamed.sampled(0, 'timeout');
  t.is(renamed.whySilent(['mains', 'park']), 'no analyser answers');
  renamed.sampled(1, 'complete');
  t.is(renamed.whySilent(['mains', 'park']), undefined);
});

test('nothing is missed where nothing answered before, or where no analyser is configured any more', (t) => {
  t.is(new AnalyserHealth(['mains']).whySilent([]), undefined);
  t.is(new AnalyserHealth([]).whySilent(['mains']), undefined);
});
