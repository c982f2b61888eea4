import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));
const FIGURES = ['pollsPerS', 'cpuUsPerPoll', 'floorCpuUsPerPoll', 'ratio'] as const;

async function benchPoll(...options: string[]): Promise<Record<string, unknown>[]> {
  const args = ['--expose-gc', BENCH, 'poll', '--lcus', '5', '--seconds', '1', '--json', ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

for (const [option, tls] of [
  ['--plain', false],
  ['--tls', true],
] as const) {
  test(`the bench of polls prints its figures as one JSON object with ${option}`, async (t) => {
    const [figures, ...more] = await benchPoll(option);
    t.deepEqual(more, []);
    t.is(figures?.['tls'], tls);
    for (const name of FIGURES) t.true((figures?.[name] as number) > 0, name);
    t.is(typeof figures?.['kbPerConnection'], 'number');
  });
}

test('the bench of polls prints one JSON object for each link when none is named', async (t) => {
  const figures = await benchPoll();
  t.deepEqual(
    figures.map(({ tls }) => tls),
    [false, true],
  );
});
