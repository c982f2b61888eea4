import test from 'ava';
import { parseArguments, STEPS } from '#scripts/testing/arguments.js';

test('without arguments every step runs, with quick counts', (t) => {
  t.deepEqual(parseArguments([]), { long: false, steps: STEPS, patterns: [] });
});

test('--long, --only and patterns are taken in any order, the steps in theirs', (t) => {
  t.deepEqual(parseArguments(['journal', '--only', 'tests', '--long', '--only', 'format', 'link']), {
    long: true,
    steps: ['format', 'tests'],
    patterns: ['journal', 'link'],
  });
});

for (const words of [['--fast'], ['--only'], ['--only', 'sleep']]) {
  test(`refuses ${words.join(' ')}`, (t) => {
    t.is(typeof parseArguments(words), 'string');
  });
}
