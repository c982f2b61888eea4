import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArguments, type TestArguments } from './arguments.js';
import { type CheckName, runCheck } from './checks.js';
import { runTests } from './run-tests.js';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

interface Total {
  passed: number;
  failed: number;
  skipped: number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function isInterrupted(): boolean {
  return process.exitCode === 130;
}

/** Runs checks one after the other, printing each when it ends. Gives those that failed, a line each for the end of the run. */
async function runChecks(steps: readonly CheckName[], total: Total): Promise<string[]> {
  const failed: string[] = [];
  for (const step of steps) {
    const { passed, lines } = await runCheck(root, step);
    if (isInterrupted()) break;
    total[passed ? 'passed' : 'failed'] += 1;
    print(`\n== ${step}\n${lines.join('\n')}`);
    if (!passed) failed.push(`failed - ${step}: its output stands above`);
  }
  return failed;
}

/** Runs the tests. Gives those that were skipped and those that failed, a line each for the end of the run. */
async function runAllTests({ long, patterns }: TestArguments, seed: string, total: Total): Promise<string[]> {
  print('\n== tests');
  const started = performance.now();
  const tally = await runTests({ root, seed, long, patterns, print });
  total.passed += tally.passed;
  total.failed += tally.failures.length;
  total.skipped += tally.skipped.length;
  print(`${tally.failures.length === 0 ? 'ok' : 'not ok'} - tests (${seconds(started)})`);
  return [...tally.skipped.map((title) => `skipped - ${title}`), ...tally.failures.map((title) => `failed - ${title}`)];
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
  const checks = asked.steps.filter((step) => step !== 'tests');
  // What has errors is compiled anew: not while tests load it.
  const closing = await runChecks(checks.includes('types') ? ['types'] : [], total);
  if (isInterrupted()) return;
  const others = checks.filter((step) => step !== 'types');
  const ended = await Promise.all([
    runChecks(others, total),
    ...(asked.steps.includes('tests') ? [runAllTests(asked, seed, total)] : []),
  ]);
  if (isInterrupted()) return;
  for (const line of [...closing, ...ended.flat()]) print(line);
  print(`\nFAROLA_SEED=${seed}, ${seconds(started)}`);
  print(`${String(total.passed)} passed, ${String(total.failed)} failed, ${String(total.skipped)} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
