import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from './run-program.js';
import { compiledTest, findTestFiles, matchesPattern, removeStaleOutput, sourceOfTest } from './test-files.js';
import { tallyTests, type TestEvent, type TestTally } from './test-tally.js';

/** What to run, and where to say how it goes. */
export interface TestRun {
  readonly root: string;
  readonly long: boolean;
  readonly patterns: readonly string[];
  readonly seed: string;
  readonly print: (line: string) => void;
}

const MINUTE_MS = 60_000;
/** Of all tests together; the quick run is meant to end within ten minutes, the long one within an hour and a half beside other work. */
const LIMIT_MS = { quick: 25 * MINUTE_MS, long: 150 * MINUTE_MS };

function readEvents(file: string): TestEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // A line that a kill cut off is no event.
  return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as TestEvent);
}

/**
 * Tests that hold what they count against the clock, with more to do than two cores: the long run gives them the machine
 * for themselves, after all others. In the quick run their counts are small.
 */
const AGAINST_THE_CLOCK = ['e2e/bench-storm'];

/** A failure that no event tells of; undefined when ava ended as its events say. */
function brokenEnd({ code, signal, timedOut }: Ended, { failures, passed, skipped }: TestTally): string | undefined {
  if (timedOut) return 'the tests took too long and were killed';
  if (signal !== undefined) return `ava was ended by ${signal}`;
  if (code !== 0 && failures.length === 0) return `ava ended with exit code ${String(code)}, though no test failed`;
  if (passed + skipped.length + failures.length === 0) return 'no test ran';
  return undefined;
}

/** Runs test files, told by their sources, with ava once. */
async function runAva({ root, long, seed }: TestRun, sources: readonly string[], options: readonly string[]): Promise<TestTally> {
  const folder = mkdtempSync(join(tmpdir(), 'farola-test-'));
  try {
    const eventsFile = join(folder, 'events');
    const files = sources.map(compiledTest);
    const ended = await runProgram({
      command: process.execPath,
      arguments: ['node_modules/ava/entrypoints/cli.mjs', ...options, ...files],
      folder: root,
      environment: { FAROLA_SEED: seed, FAROLA_TEST_EVENTS: eventsFile, ...(long ? { FAROLA_LONG: '1' } : {}) },
      output: 'shown',
      limitMs: long ? LIMIT_MS.long : LIMIT_MS.quick,
    });
    const tally = tallyTests(
      readEvents(eventsFile),
      files.map((file) => join(root, file)),
      (file) => sourceOfTest(root, file),
    );
    const broken = brokenEnd(ended, tally);
    return broken === undefined ? tally : { ...tally, failures: [...tally.failures, broken] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the chosen test files with ava, whose own report of each test goes to standard output. */
export async function runTests(run: TestRun): Promise<TestTally> {
  const { root, long, patterns, print } = run;
  for (const file of removeStaleOutput(root)) print(`removed ${file}: its source is gone`);
  const all = findTestFiles(root);
  const chosen = patterns.length === 0 ? all : all.filter((file) => patterns.some((pattern) => matchesPattern(file, pattern)));
  if (chosen.length === 0) {
    return { passed: 0, skipped: [], failures: [`no test file matches ${patterns.join(' ') || 'test/**/*.test.ts'}`] };
  }

  const isAlone = (file: string): boolean => long && AGAINST_THE_CLOCK.some((pattern) => matchesPattern(file, pattern));
  const beside = chosen.filter((file) => !isAlone(file));
  const alone = chosen.filter(isAlone);
  const tallies: TestTally[] = [];
  if (beside.length > 0) tallies.push(await runAva(run, beside, long ? ['--timeout=30m'] : []));
  // An interrupted run starts nothing more.
  if (alone.length > 0 && process.exitCode !== 130) tallies.push(await runAva(run, alone, ['--timeout=30m', '--concurrency=1']));
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    skipped: tallies.flatMap(({ skipped }) => skipped),
    failures: tallies.flatMap(({ failures }) => failures),
  };
}
