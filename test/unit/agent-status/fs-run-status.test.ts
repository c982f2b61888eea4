import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fsPublishStatus } from '@farola/agent/status/fs-publish-status.js';
import { readRunning } from '@farola/agent/status/fs-run-status.js';
import { isThere, ownBirth, readProcess } from '@farola/agent/status/linux-process.js';
import type { StartingRun } from '@farola/agent/status/run-status.js';
import test from 'ava';
import { until } from '../../fakes/channel-peer.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const NOW_MS = 1_000_000;
const STARTING: StartingRun = {
  pid: process.pid,
  version: '0.1.0',
  startedMs: 0,
  lcuId: 'malaga-0042',
  starting: { code: null, reason: null },
};

test('a process is known from another one that has its number later, or that another boot gave it', (t) => {
  const birth = ownBirth()!;
  t.true(birth.startTicks > 0);
  t.regex(birth.boot, /^[0-9a-f]{32}$/);
  t.true(isThere(process.pid, birth));
  t.true(isThere(process.pid, undefined), 'of one that tells no birth the number is all there is');
  t.false(isThere(process.pid, { ...birth, startTicks: birth.startTicks - 1 }));
  t.false(isThere(process.pid, { ...birth, boot: '0'.repeat(32) }));
  t.false(isThere(2 ** 30, birth));
});

test('a name with brackets and blanks in it does not shift what is read of a process', async (t) => {
  const child = spawn(process.execPath, ['-e', 'process.title = "a) R (b"; console.log(); setInterval(() => {}, 1000)']);
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const { state, startTicks } = readProcess(child.pid!)!;
  t.regex(state, /^[RSD]$/);
  t.true(startTicks >= ownBirth()!.startTicks);
});

test('a process that has ended and was not waited for is not there', async (t) => {
  // The shell becomes one that never waits for its child, and only then is that told to end.
  const child = spawn('/bin/sh', ['-c', 'exec 3<&0; read line <&3 & echo $!; exec sleep 60']);
  t.teardown(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  await until(() => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').startsWith('sleep'));
  child.stdin.end('\n');
  await until(() => readProcess(pid)?.state === 'Z');
  t.is(readProcess(pid)?.state, 'Z');
  t.false(isThere(pid, undefined));
});

test('a status that a process left behind is not that of the process that has its number now', (t) => {
  const runDir = temporaryFolder(t);
  const publish = fsPublishStatus(runDir);
  const birth = ownBirth()!;
  publish({ ...STARTING, birth });
  t.like(readRunning(runDir, NOW_MS), { starting: { lcuId: 'malaga-0042', pid: process.pid } });
  publish({ ...STARTING, birth: { ...birth, startTicks: birth.startTicks + 1 } });
  t.is(readRunning(runDir, NOW_MS), undefined);
});

test('a status that is there and cannot be read is not one of nobody', (t) => {
  const folder = temporaryFolder(t);
  t.is(readRunning(join(folder, 'none'), NOW_MS), undefined);
  writeFileSync(join(folder, 'file'), '');
  t.throws(() => readRunning(join(folder, 'file'), NOW_MS), { code: 'path-unusable' });
});
