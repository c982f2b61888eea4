import type { StepName } from './arguments.js';
import { type Program, runProgram } from './run-program.js';

/** A step beside the tests; each counts as one test. */
export type CheckName = Exclude<StepName, 'tests'>;

/** How a check ended. */
export interface CheckEnd {
  readonly passed: boolean;
  /** What it said that is worth reading, and how long it took. */
  readonly lines: readonly string[];
}

const LIMIT_MS = 20 * 60_000;

const CHECKS: Readonly<Record<CheckName, { readonly words: readonly string[]; readonly hint: string }>> = {
  format: {
    words: ['prettier', '--check', '--log-level=warn', '--cache', '--cache-strategy=content', '.'],
    hint: 'npm run format',
  },
  lint: { words: ['eslint', '.'], hint: 'npx eslint --fix .' },
  types: { words: ['tsc', '-b', '--pretty', 'false'], hint: 'npx tsc -b' },
  boundaries: {
    words: ['depcruise', '--output-type', 'err', 'shared/src', 'agent/src', 'collector/src', 'scripts/src', 'test'],
    hint: 'the rules, each with its reason, stand in .dependency-cruiser.js',
  },
};

/** Runs one check, behind whatever else runs on this machine, such as the tests. */
export async function runCheck(root: string, step: CheckName): Promise<CheckEnd> {
  const started = performance.now();
  const ended = await runProgram(programOf(root, step));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = ended.code === 0;
  // Warnings of a check that passed are worth reading too.
  const output = ended.output.trim();
  const lines = [
    ...(output !== '' && (!passed || step === 'lint') ? [output] : []),
    ...(ended.timedOut ? ['took too long and was killed'] : []),
    `${passed ? 'ok' : 'not ok'} - ${step} (${seconds} s)`,
    ...(passed ? [] : [`hint: ${CHECKS[step].hint}`]),
  ];
  return { passed, lines };
}

function programOf(root: string, step: CheckName): Program {
  const [program = '', ...rest] = CHECKS[step].words;
  return {
    command: 'nice',
    arguments: ['-n', '10', `node_modules/.bin/${program}`, ...rest],
    folder: root,
    environment: { NO_COLOR: '1' },
    output: 'kept',
    limitMs: LIMIT_MS,
  };
}
