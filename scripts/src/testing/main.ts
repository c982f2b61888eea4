import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArguments, type StepName } from './arguments.js';
import { runProgram } from './run-program.js';
import { runTests } from './run-tests.js';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const CHECK_LIMIT_MS = 10 * 60_000;

/** The checks beside the tests: each counts as one test. */
const CHECKS: Readonly<Record<Exclude<StepName, 'tests'>, { readonly words: readonly string[]; readonly hint: string }>> = {
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

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

async function runCheck(step: Exclude<StepName, 'tests'>): Promise<boolean> {
  const started = performance.now();
  const { words, hint } = CHECKS[step];
  const [program = '', ...rest] = words;
  const ended = await runProgram({
    command: `node_modules/.bin/${program}`,
    arguments: rest,
    folder: root,
    environment: { NO_COLOR: '1' },
    output: 'kept',
    limitMs: CHECK_LIMIT_MS,
  });
  const passed = ended.code === 0;
  // Warnings of a check that passed are worth reading too.
  const output = ended.output.trim();
  if (output !== '' && (!passed || step === 'lint')) print(output);
  if (ended.timedOut) print('took too long and was killed');
  print(`${passed ? 'ok' : 'not ok'} - ${step} (${seconds(started)})`);
  if (!passed) print(`hint: ${hint}`);
  return passed;
}

async function main(): Promise<void> {
  const asked = parseArguments(process.argv.slice(2));
  if (typeof asked === 'string') {
    process.stderr.write(`error: ${asked}\nhint: scripts/test --help\n`);
    process.exitCode = 64;
    return;
  }
  const seed = process.env['FAROLA_SEED'] ?? String(randomInt(2 ** 31));
  print(`FAROLA_SEED=${seed}${asked.long ? ', long' : ''}`);
  const started = performance.now();
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const step of asked.steps) {
    print(`\n== ${step}`);
    if (step === 'tests') {
      const testsStarted = performance.now();
      const tally = await runTests({ root, seed, long: asked.long, patterns: asked.patterns, print });
      total.passed += tally.passed;
      total.failed += tally.failures.length;
      total.skipped += tally.skipped.length;
      for (const title of tally.skipped) print(`skipped - ${title}`);
      for (const title of tally.failures) print(`failed - ${title}`);
      print(`${tally.failures.length === 0 ? 'ok' : 'not ok'} - tests (${seconds(testsStarted)})`);
    } else {
      total[(await runCheck(step)) ? 'passed' : 'failed'] += 1;
    }
    if (process.exitCode === 130) return;
  }
  print(`\nFAROLA_SEED=${seed}, ${seconds(started)}`);
  print(`${String(total.passed)} passed, ${String(total.failed)} failed, ${String(total.skipped)} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
