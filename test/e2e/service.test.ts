import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { tryProgram } from '#scripts/demo/programs.js';
import { openNotifySocket } from '../fakes/notify-socket.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { counts, openStage, until } from './stage.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** A watchdog of two seconds hears twice a second. */
const WATCHDOG = { WATCHDOG_USEC: '2000000' };

test('both programs tell systemd when they serve, that they are alive, and that they end', async (t) => {
  const stage = await openStage(t);
  const [ofCollector, ofAgent] = [await openNotifySocket(t), await openNotifySocket(t)];
  const collector = await stage.startCollector({ NOTIFY_SOCKET: ofCollector.path, ...WATCHDOG });
  t.regex((await ofCollector.has('READY=1')).join(), /STATUS=0 LCUs connected/);
  await stage.enrol();
  const agent = stage.startAgent(undefined, { NOTIFY_SOCKET: ofAgent.path, ...WATCHDOG });
  t.regex((await ofAgent.has('READY=1')).join(), /STATUS=malaga-0042: dialling/);
  await until(() => ofAgent.messages.some((one) => one.includes('WATCHDOG=1') && /connected; [1-9]/.test(one.join())), 'agent');
  await until(() => ofCollector.messages.some((one) => /STATUS=1 LCU connected; [1-9]/.test(one.join())), 'collector');
  t.true((await counts(stage)).rounds > 0);
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  for (const { messages } of [ofAgent, ofCollector]) {
    const readyAt = messages.findIndex((one) => one.includes('READY=1'));
    t.false(messages.slice(0, readyAt).some((one) => one.includes('WATCHDOG=1')));
    t.true(messages.at(-1)?.includes('STOPPING=1'), JSON.stringify(messages.slice(-2)));
  }
});

test('an agent that cannot begin is never ready', async (t) => {
  const stage = await openStage(t);
  const socket = await openNotifySocket(t);
  const agent = stage.startAgent(undefined, { NOTIFY_SOCKET: socket.path });
  await until(() => agent.ended() !== undefined);
  t.not(agent.ended(), 0);
  t.deepEqual(socket.messages, []);
  t.regex(await stage.log('agent'), /^error: this LCU is not enrolled\nhint: [^\n]+\n$/m);
});

test('an agent that stands still is heard of no more', async (t) => {
  const stage = await openStage(t);
  const socket = await openNotifySocket(t);
  await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent(undefined, { NOTIFY_SOCKET: socket.path, ...WATCHDOG });
  await socket.has('READY=1');
  await until(() => socket.messages.some((one) => one.includes('WATCHDOG=1')));
  process.kill(agent.pid, 'SIGSTOP');
  t.teardown(() => void process.kill(agent.pid, 'SIGCONT'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const heard = socket.messages.length;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  t.is(socket.messages.length, heard, 'for as long as a watchdog of two seconds waits');
});

test('lines in the journal carry their priority, errors of a start as well', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'agent.yaml');
  writeFileSync(config, 'nothing: 1\n');
  const stage = await openStage(t);
  appendFileSync(stage.paths.collectorConfig, 'log: { level: info }\n');
  const runs = [
    { program: 'agent', config, shows: /^<3>error: [^\n]*\n(<3>[^\n]*\n)+$/ },
    { program: 'collector', config: stage.paths.collectorConfig, shows: /^<6>\{"level":"info"[^\n]*"collector runs"\}$/m },
  ];
  for (const { program, config: path, shows } of runs) {
    const log = join(folder, `${program}.log`);
    const fd = openSync(log, 'a');
    const { dev, ino } = fstatSync(fd, { bigint: true });
    const env = { ...process.env, JOURNAL_STREAM: `${dev}:${ino}`, NODE_OPTIONS: '' };
    const child = spawn(join(ROOT, program, 'bin', `farola-${program}`), ['run', '--config', path], {
      stdio: ['ignore', fd, fd],
      env,
    });
    t.teardown(() => child.kill('SIGKILL'));
    closeSync(fd);
    const ended = once(child, 'exit');
    await until(() => shows.test(readFileSync(log, 'utf8')), `${program}: ${String(shows)}`);
    child.kill('SIGTERM');
    await ended;
    t.true(
      readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .every((line) => /^<[3-7]>/.test(line)),
    );
  }
  const { err } = await tryProgram('agent', ['run', '--config', config]);
  t.regex(err, /^error: /, 'a person sees no priorities');
});
