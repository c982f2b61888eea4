import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));

test('the bench of the code hash prints its figures as one JSON object', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, 'hash', '--pairs', '3', '--json']);
  const figures = JSON.parse(stdout) as Record<string, unknown>;
  for (const name of ['files', 'bytes', 'ms', 'floorMs', 'ratio']) t.true((figures[name] as number) > 0, name);
});

test('the bench of the code hash wants an installed tree', (t) => {
  for (const args of [['/tmp'], ['/nowhere'], ['--pairs', '0'], ['a', 'b']]) {
    const { status, stderr } = spawnSync(process.execPath, [BENCH, 'hash', ...args], { encoding: 'utf8' });
    t.is(status, 64);
    t.regex(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  }
});
