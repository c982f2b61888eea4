import test from 'ava';
import { runProgram } from '#scripts/testing/run-program.js';

const node = (script: string) =>
  ({ command: process.execPath, arguments: ['-e', script], folder: '.', output: 'kept', limitMs: 60_000 }) as const;

test('a program ends with its code and what it wrote', async (t) => {
  const ended = await runProgram(node('console.log("out"); console.error("err"); process.exitCode = 3'));
  t.is(ended.code, 3);
  t.deepEqual(ended.output.trim().split('\n').toSorted(), ['err', 'out']);
});

test('a program that was killed has a signal and no code', async (t) => {
  const ended = await runProgram(node('process.kill(process.pid, "SIGKILL")'));
  t.deepEqual([ended.code, ended.signal, ended.timedOut], [undefined, 'SIGKILL', false]);
});

test('a program that hangs is killed with what it started', async (t) => {
  const script = 'require("node:child_process").spawn("sleep", ["600"], { stdio: "inherit" })';
  const ended = await runProgram({ ...node(script), limitMs: 500 });
  t.true(ended.timedOut);
});

test('a program that is not there ends with code 127', async (t) => {
  t.is((await runProgram({ ...node(''), command: '/nowhere/program' })).code, 127);
});
