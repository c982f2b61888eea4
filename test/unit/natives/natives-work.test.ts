import { fileURLToPath } from 'node:url';
import test from 'ava';
import { runProgram } from '#scripts/testing/run-program.js';

const folder = fileURLToPath(new URL('../../../..', import.meta.url));

test('native modules load, and outlive that V8 collects statements which nobody holds', async (t) => {
  const ended = await runProgram({
    command: process.execPath,
    arguments: ['scripts/natives-work.mjs'],
    folder,
    output: 'kept',
    limitMs: 60_000,
  });
  t.like(ended, { code: 0, signal: undefined, output: '' });
});
