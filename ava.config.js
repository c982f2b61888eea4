import { appendFileSync } from 'node:fs';

/** Where scripts/test reads what happened; not set when ava is run by hand. */
const { FAROLA_TEST_EVENTS: eventsFile } = process.env;

/** What scripts/src/testing/test-tally.ts reads of an event. */
const FIELDS = ['type', 'testFile', 'title', 'skip', 'todo', 'signal', 'err', 'message'];

async function recordEvents({ events }) {
  for await (const event of events) {
    if (!/^(stats|worker-std|touched-files)/.test(event.type)) appendFileSync(eventsFile, `${JSON.stringify(event, FIELDS)}\n`);
  }
}

/** Tests are compiled by `tsc -b` and run from test/dist; `scripts/test` is the way to run them all. */
export default {
  files: ['test/dist/**/*.test.js'],
  // A native crash or a SIGKILL under test must end one file, not the run: child processes, not threads.
  workerThreads: false,
  // Most of the end-to-end files wait: a third one fills what they leave of two cores.
  concurrency: 3,
  // Time without any test of the run ending. `scripts/test --long` gives more.
  timeout: '2m',
  nodeArguments: ['--enable-source-maps'],
  // ava's TAP reporter breaks off on a timeout and on process.exit(); its events tell everything.
  ...(eventsFile && { nonSemVerExperiments: { observeRunsFromConfig: true }, observeRun: recordEvents }),
};
