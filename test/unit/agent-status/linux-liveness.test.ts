import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { livenessOf } from '@farola/agent/status/linux-liveness.js';
import test from 'ava';

const NOW_MS = 1_000_000;

test('an agent is alive for a minute after its last sign of life', (t) => {
  t.deepEqual(livenessOf(process.pid, NOW_MS - 60_000, NOW_MS), { silentMs: 60_000, hung: undefined });
  const { silentMs, hung } = livenessOf(process.pid, NOW_MS - 61_000, NOW_MS);
  t.is(silentMs, 61_000);
  t.regex(hung ?? '', /no sign of life for 61 s/);
});

test('a version that gives no sign of life, and one of another boot, are not taken to be hung', (t) => {
  for (const aliveMonoMs of [undefined, NOW_MS + 1]) {
    t.deepEqual(livenessOf(process.pid, aliveMonoMs, NOW_MS), { silentMs: null, hung: undefined });
  }
});

test('a process that a signal stopped is told at once, whatever it said last', async (t) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log()']);
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  t.is(livenessOf(child.pid!, NOW_MS, NOW_MS).hung, undefined);
  child.kill('SIGSTOP');
  let hung: string | undefined;
  for (const endMs = performance.now() + 10_000; hung === undefined && performance.now() < endMs;) {
    ({ hung } = livenessOf(child.pid!, NOW_MS, NOW_MS));
  }
  t.regex(hung ?? '', /stopped/);
});
