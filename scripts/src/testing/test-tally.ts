/** What a run of tests came to. */
export interface TestTally {
  readonly passed: number;
  /** One line for each failed test, and for each failure that belongs to no test. */
  readonly failures: readonly string[];
  /** One line for each skipped or planned test. */
  readonly skipped: readonly string[];
}

/** What is read of an event of ava (`StateChangeEvent`, as JSON). */
export interface TestEvent {
  readonly type: string;
  /** Absolute path of the compiled file. */
  readonly testFile?: string;
  readonly title?: string;
  readonly skip?: boolean;
  readonly todo?: boolean;
  readonly signal?: string;
  readonly err?: { readonly message?: string };
}

/** Events that are a failure of their own, beside those of single tests. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'hook-failed': 'a hook failed',
  'uncaught-exception': 'uncaught exception',
  'unhandled-rejection': 'unhandled rejection',
  'internal-error': 'internal error of ava',
  'shared-worker-error': 'error in a shared worker',
  'missing-ava-import': 'does not import ava',
  'process-exit': 'called process.exit()',
  'timeout': 'no test ended for too long',
  'interrupt': 'interrupted',
};

/** What is known of one test file. */
interface FileState {
  /** Declared tests that neither ended nor were skipped. */
  readonly open: Set<string>;
  declared: number;
  broken: boolean;
}

/**
 * Counts what ava reported. Beside failed tests, what would otherwise go unseen is a failure: a file that did not run, that declares no
 * test or that crashed, a test that did not end, a test that `test.only` left out, and a run that broke off.
 * @param files every file that was to run, absolute paths of the compiled files
 * @param nameOf how a file is called in the answer
 */
export function tallyTests(events: Iterable<TestEvent>, files: readonly string[], nameOf: (file: string) => string): TestTally {
  const states = new Map<string, FileState>();
  const failures: string[] = [];
  const skipped: string[] = [];
  let passed = 0;
  let ended = false;

  const stateOf = (file: string): FileState => {
    const state = states.get(file) ?? { open: new Set<string>(), declared: 0, broken: false };
    states.set(file, state);
    return state;
  };

  for (const { type, testFile, title = '', skip, todo, signal, err } of events) {
    const state = testFile === undefined ? undefined : stateOf(testFile);
    const name = testFile === undefined ? 'the run' : nameOf(testFile);
    const problem = PROBLEMS[type];
    if (problem !== undefined) {
      failures.push(`${name}: ${problem}${err?.message === undefined ? '' : `: ${err.message}`}`);
      if (state !== undefined) state.broken = true;
    }
    switch (type) {
      case 'declared-test':
        state?.open.add(title);
        if (state !== undefined) state.declared += 1;
        break;
      case 'selected-test':
        if (skip !== true && todo !== true) break;
        state?.open.delete(title);
        skipped.push(`${name} › ${title}`);
        break;
      case 'test-passed':
        state?.open.delete(title);
        passed += 1;
        break;
      case 'test-failed':
        state?.open.delete(title);
        failures.push(`${name} › ${title}`);
        break;
      case 'worker-failed':
        // A crash that nothing before explains.
        if (state?.broken === false) failures.push(`${name}: ended by ${signal ?? 'its exit code'}`);
        if (state !== undefined) state.broken = true;
        break;
      case 'end':
        ended = true;
        break;
    }
  }

  for (const file of files) {
    const state = states.get(file);
    if (state === undefined) failures.push(`${nameOf(file)}: did not run`);
    else if (state.declared === 0 && !state.broken) failures.push(`${nameOf(file)}: declares no test`);
    for (const title of state?.open ?? []) failures.push(`${nameOf(file)} › ${title}: did not run to its end`);
  }
  if (!ended) failures.push('the run broke off');
  return { passed, failures, skipped };
}
