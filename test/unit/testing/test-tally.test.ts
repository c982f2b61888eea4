import test from 'ava';
import { tallyTests, type TestEvent } from '#scripts/testing/test-tally.js';

const END = { type: 'end' };

/** Events of one file `f`, to which its name is added. */
function tally(events: readonly TestEvent[], files: readonly string[] = ['f']) {
  const named = events.map((event) => (event.type === 'end' || event.type === 'timeout' ? event : { ...event, testFile: 'f' }));
  return tallyTests(named, files, (file) => file);
}

function declared(...titles: string[]): TestEvent[] {
  return titles.map((title) => ({ type: 'declared-test', title }));
}

test('passed, failed, skipped and planned tests are counted', (t) => {
  const events = [
    ...declared('a', 'b', 'c', 'd'),
    { type: 'selected-test', title: 'c', skip: true },
    { type: 'selected-test', title: 'd', todo: true },
    { type: 'test-passed', title: 'a' },
    { type: 'test-failed', title: 'b' },
    END,
  ];
  t.deepEqual(tally(events), { passed: 1, failures: ['f › b'], skipped: ['f › c', 'f › d'] });
});

const UNSEEN: Readonly<Record<string, readonly [events: readonly TestEvent[], failure: string]>> = {
  'a test that did not end': [[...declared('a'), { type: 'selected-test', title: 'a' }, END], 'f › a: did not run to its end'],
  'a test that test.only left out': [
    [...declared('a', 'b'), { type: 'selected-test', title: 'b' }, { type: 'test-passed', title: 'b' }, END],
    'f › a: did not run to its end',
  ],
  'a file without tests': [[{ type: 'starting' }, END], 'f: declares no test'],
  'a file that does not import ava': [[{ type: 'missing-ava-import' }, END], 'f: does not import ava'],
  'a file that did not run': [[END], 'f: did not run'],
  'a file that was killed': [[{ type: 'starting' }, { type: 'worker-failed', signal: 'SIGSEGV' }, END], 'f: ended by SIGSEGV'],
  'a failed hook': [[{ type: 'hook-failed', err: { message: 'no' } }, END], 'f: a hook failed: no'],
  'an uncaught exception, once': [
    [{ type: 'uncaught-exception', err: { message: 'no' } }, { type: 'worker-failed' }, END],
    'f: uncaught exception: no',
  ],
  'an unhandled rejection': [[{ type: 'unhandled-rejection' }, END], 'f: unhandled rejection'],
  'a call of process.exit': [[{ type: 'process-exit' }, END], 'f: called process.exit()'],
};

for (const [title, [events, failure]] of Object.entries(UNSEEN)) {
  test(`${title} is a failure`, (t) => {
    t.deepEqual(tally(events).failures, [failure]);
  });
}

test('a run that broke off is a failure', (t) => {
  t.deepEqual(tally([...declared('a'), { type: 'test-passed', title: 'a' }]).failures, ['the run broke off']);
});

test('a timeout is a failure beside the tests that it cut off', (t) => {
  t.deepEqual(tally([...declared('a'), { type: 'timeout' }, END]).failures, [
    'the run: no test ended for too long',
    'f › a: did not run to its end',
  ]);
});
