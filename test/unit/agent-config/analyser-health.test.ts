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
  t.is(health.silentOf(['mains', 'park', 'gone']), 'park');
});

for (const status of ['timeout', 'malformed', 'line-unavailable', 'not-asked', 'other-meter'] as const) {
  test(`one group that meets ${status} speaks for all groups of its analyser, however seldom these are read`, (t) => {
    const health = rows();
    health.sampled(1, 'complete');
    health.sampled(2, 'partial');
    health.sampled(0, status);
    t.deepEqual(health.answered, ['park']);
    t.is(health.silentOf(['mains', 'park']), 'mains');
    health.sampled(0, 'partial');
    t.is(health.silentOf(['mains', 'park']), undefined);
  });
}
