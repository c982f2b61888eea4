import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { FleetStatus } from '@farola/collector/status/fleet-status.js';
import { type ProgramEnd, runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { parse } from 'yaml';
import { runHere } from './run-here.js';
import { counts, openStage, type Stage, until } from './stage.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COLLECTOR = `${ROOT}collector/bin/farola-collector`;
const ON_TERMINAL = `${ROOT}test/fakes/on_terminal.py`;
const CTRL_C = '03';

const status = async ({ paths }: Stage): Promise<FleetStatus> =>
  JSON.parse(await runHere('collector', ['status', '--json', '--config', paths.collectorConfig])) as FleetStatus;
const check = ({ paths }: Stage, ...args: string[]): Promise<ProgramEnd> =>
  tryProgram('collector', ['status', '--check', ...args, '--config', paths.collectorConfig]);

/** Runs a command, and gives what it prints as it comes. */
function started(t: ExecutionContext, command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  return { child, out: () => out, err: () => err, closed: once(child, 'close') as Promise<[number | null]> };
}

test('the operator on call sees what is wrong, since when, and what to do', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t, { pollSeconds: 4 });
  const none = await status(stage);
  t.deepEqual([none.collector.running, none.summary.invited, none.lcus[0]?.level], [false, 1, 'waiting']);
  const stopped = await check(stage);
  t.deepEqual([stopped.exit, stopped.err.startsWith('error: the collector is not running')], [69, true]);

  const collector = await stage.startCollector();
  await runProgram('agent', ['enroll', '-', '--config', stage.paths.agentConfig], stage.token);
  t.is((await status(stage)).lcus[0]?.conditions[0]?.code, 'pending');
  t.is((await check(stage)).exit, 1);
  const shown = JSON.parse(await runProgram('agent', ['status', '--json', '--config', stage.paths.agentConfig])) as {
    enrolment: { words: string[] };
  };
  const words = shown.enrolment.words.join(' ');
  await runProgram('collector', ['lcu', 'approve', LCU, '--words', words, '--config', stage.paths.collectorConfig]);
  const startedMs = Date.now();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 2, 'two rounds');

  let well = await status(stage);
  const isWell = async (): Promise<boolean> => {
    well = await status(stage);
    return well.lcus.every(({ late, newestSample }) => !late && newestSample?.stale === false);
  };
  await until(isWell, 'a sample that is not stale');
  const [row] = well.lcus;
  t.deepEqual([well.collector.running, well.collector.connectedCount, well.troubles], [true, 1, []]);
  t.like(row, {
    lcuId: LCU,
    state: 'active',
    late: false,
    agentVersion: '0.1.0',
    verdict: { code: 'ok' },
  });
  t.like(row, { newestSample: { stale: false, status: 'complete' }, storage: { readOnly: false }, code: { mark: 'unmeasured' } });
  t.true(row!.storage.freeBytes! > 0 && row!.journalBytes! > 0 && row!.backlog! >= 0);
  t.is(typeof row!.agentUptimeSeconds, 'number');
  const runs = (Date.now() - startedMs) / 1000;
  t.true(row!.lastAnswer!.ageSeconds! <= runs && row!.newestSample!.ageSeconds! <= runs && row!.agentUptimeSeconds! <= runs);
  // Not every machine that runs this has a clock that something set.
  const clock = row!.clock?.quality === 'none' ? ['clock-unset'] : [];
  t.deepEqual(
    row!.conditions.map(({ code }) => code),
    clock,
  );
  await until(async () => (await status(stage)).lcus[0]!.uptime24h.roundsUp > 0, 'a round is settled');
  const good = await check(stage);
  t.is(good.exit, clock.length, good.err);
  t.regex(
    good.out,
    /^\S+ {2}collector malaga runs, 1 LCU connected\n1 active: 0 down, 0 late, .*\n\nLCU .*\nmalaga-0042 +alameda-7 +active +ok /,
  );

  await agent.kill();
  await until(async () => (await status(stage)).summary.down === 1, 'it is down');
  const down = await check(stage);
  t.is(down.exit, 69);
  t.regex(down.err, /^error: LCUs that are down: 1 of 1 in service, the first: malaga-0042\nhint: /);
  t.regex(down.out, /malaga-0042 +alameda-7 +active +lcu-not-connected +\d+s /);
  t.regex(down.out, /\nlcu-not-connected \(malaga-0042\): .*`farola-agent status` on the LCU\n/);
  const details = await runProgram('collector', ['status', LCU, '--config', stage.paths.collectorConfig]);
  t.regex(details, /malaga-0042: down\n {2}down: lcu-not-connected, since \d{4}-\S+\n {4}/);
  await until(async () => (await status(stage)).lcus[0]!.late, 'it is late');

  t.is(await collector.stop(), 0);
  const after = await check(stage, '--json');
  t.is(after.exit, 69);
  t.like(JSON.parse(after.out) as FleetStatus, { collector: { running: false, connectedCount: null }, summary: { down: 1 } });
});

test('status makes no fleet where none is: a folder that its disk is missing from is told', async (t) => {
  const stage = await openStage(t);
  const { stateDir } = parse(readFileSync(stage.paths.collectorConfig, 'utf8')) as { stateDir: string };
  renameSync(stateDir, `${stateDir}-away`);
  mkdirSync(stateDir);
  const shown = await tryProgram('collector', ['status', '--config', stage.paths.collectorConfig]);
  t.deepEqual([shown.exit, shown.err.includes('is not there\nhint: ')], [78, true], shown.err);
  t.deepEqual(readdirSync(stateDir), []);
});

test('watch prints one table each interval where there is no terminal, tells a look that fails, and ends well at SIGINT', async (t) => {
  const stage = await openStage(t);
  const watch = started(t, COLLECTOR, ['watch', '--seconds', '1', '--config', stage.paths.collectorConfig]);
  const tables = (): number => watch.out().split('\nmalaga-0042 ').length - 1;
  await until(() => tables() >= 2, 'two tables');
  t.false(watch.out().includes('\u001b'));
  const { stateDb } = stage.paths;
  renameSync(stateDb, `${stateDb}.aside`);
  writeFileSync(stateDb, 'this is no database, and long enough to be looked into by one'.repeat(20));
  await until(() => watch.out().includes('error: '), 'it is told');
  renameSync(`${stateDb}.aside`, stateDb);
  const before = tables();
  await until(() => tables() > before, 'and the next look works');
  watch.child.kill('SIGINT');
  const [exit] = await watch.closed;
  t.deepEqual([exit, watch.err()], [0, '']);
});

test('watch draws in place on a terminal, within its size, follows a new size, and leaves the cursor as it was', async (t) => {
  const stage = await openStage(t);
  const watch = started(t, '/usr/bin/python3', [
    ON_TERMINAL,
    '40',
    '12',
    '--',
    COLLECTOR,
    'watch',
    '--seconds',
    '600',
    '--config',
    stage.paths.collectorConfig,
  ]);
  await until(() => watch.out().includes('malaga-0042'), 'a table');
  const widest = (text: string): number =>
    Math.max(
      ...text
        .replace(/\u001b\[[?0-9]*[A-Za-z]/g, '')
        .split('\r\n')
        .map((line) => line.length),
    );
  t.true(widest(watch.out()) <= 40);
  t.true(watch.out().startsWith('\u001b[?25l'));
  const before = watch.out().length;
  watch.child.stdin.write('resize 60 12\n');
  await until(() => watch.out().slice(before).includes('malaga-0042'), 'it is drawn anew');
  const wider = widest(watch.out().slice(before));
  t.true(wider > 40 && wider <= 60, String(wider));
  watch.child.stdin.write(`keys ${CTRL_C}\n`);
  const [exit] = await watch.closed;
  t.deepEqual([exit, watch.err()], [0, 'exit 0\n']);
  t.true(watch.out().trimEnd().endsWith('\u001b[?25h'));
});

test('what cannot be asked of status and watch is said in one line', async (t) => {
  const stage = await openStage(t);
  for (const args of [
    ['status', 'nobody'],
    ['watch', '--seconds', '0'],
    ['watch', 'malaga-0042'],
    ['status', '--csv'],
  ]) {
    const { exit, err } = await tryProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
    t.true(exit !== 0 && /^error: [^\n]+\n(hint: [^\n]+\n)?$/.test(err), `${args.join(' ')}: ${err}`);
  }
});
