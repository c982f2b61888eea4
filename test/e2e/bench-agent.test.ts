import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));

test('the bench of the agent prints its figures as one JSON object', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, 'agent', '--seconds', '5', '--json']);
  const figures = JSON.parse(stdout) as Record<string, unknown>;
  // The kernel counts CPU time in steps of 10 ms, and an agent may need less in five seconds.
  t.true(Number.isFinite(figures['cpuSPerHour']) && (figures['startCpuS'] as number) > 0);
  for (const name of ['rssMbAboveNode', 'firstSampleS', 'samples']) t.true((figures[name] as number) > 0, name);
  t.true((figures['rssMbAboveNode'] as number) < (figures['rssMb'] as number));
});

test('the bench of the agent says what it does not understand', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [BENCH, 'agent', '--seconds', 'many'], { encoding: 'utf8' });
  t.is(status, 64);
  t.regex(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
});
