import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatToken, pause, systemTimers } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { startSimulatedPanel } from '#scripts/simulated-panel.js';
import test, { type ExecutionContext } from 'ava';
import { farolaAgent, startFarolaAgent } from '../../fakes/agent-process.js';
import { acceptEnrolment, fakeCollector } from '../../fakes/fake-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Writes a configuration of one analyser behind this port, sampled each second; gives its path. */
function configFor(t: ExecutionContext, port: number): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'run'));
  const path = join(folder, 'agent.yaml');
  writeFileSync(
    path,
    `lines: [{ id: one, transport: rtu-over-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 1000 }]
analysers: [{ id: mains, line: one, unit: 1, profile: circutor-cvm-c10, scanGroups: [{ seconds: 5, quantities: ['thd*'] }] }]
sampleSeconds: 1
stateDir: ${join(folder, 'state')}
runDir: ${join(folder, 'run')}
profilesDir: ${join(folder, 'own')}
`,
  );
  return path;
}

/** What is asked of `status --json` here. */
interface Running {
  readonly pid: number;
  readonly alive: boolean;
  readonly meter: {
    readonly lines: readonly { failedOpens: number; unavailable: { reason: string; since: string } | null }[];
    readonly analysers: readonly {
      status: string | null;
      takenAt: string | null;
      groups: readonly { status: string | null }[];
    }[];
  };
}

/** Asks `status --json` until what runs is so; gives it. */
async function untilRuns(config: string, holds: (run: Running) => boolean): Promise<Running> {
  for (let tries = 0; tries < 200; tries++) {
    const { out } = await farolaAgent(['status', '--json', '--config', config]);
    checkJson('farola-agent', ['status'], out);
    const { run: running } = JSON.parse(out) as { run: Running | null };
    if (running && holds(running)) return running;
    await pause(systemTimers, 100);
  }
  throw new Error('it never came to that');
}

const linesThat = (out: string, code: string): string[] => out.split('\n').filter((line) => line.includes(code));

test('an analyser whose port is gone shows at once in table, JSON and log, and so does its return', async (t) => {
  t.timeout(120_000);
  const panel = await startSimulatedPanel();
  const config = configFor(t, panel.port);
  const collector = await fakeCollector(t);
  const enrolling = farolaAgent(['enroll', '-', '--config', config], formatToken(collector.token('malaga-0042')));
  await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  t.is((await enrolling).code, 0);
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);

  const well = await untilRuns(
    config,
    ({ meter }) => meter.analysers[0]?.groups.every(({ status }) => status === 'complete') ?? false,
  );
  t.like(well.meter.lines[0], { lineId: 'one', unavailable: null, failedOpens: 0 });
  const groups = [
    { sampleSeconds: 5, quantityCount: 6, status: 'complete', skipped: 0 },
    { sampleSeconds: 1, quantityCount: 40, status: 'complete', skipped: 0 },
  ];
  t.like(well.meter.analysers[0], { groups });
  t.like(well.meter.analysers[0], { analyserId: 'mains', lineId: 'one', failingSince: null, code: null });
  const good = await farolaAgent(['status', '--config', config]);
  t.regex(good.out, /^analyser mains: +complete, newest sample \d+ s ago; 6 quantities each 5 s, 40 quantities each 1 s$/m);
  t.notRegex(good.out, /unavailable|failing/);

  child.kill('SIGSTOP');
  const hung = await untilRuns(config, ({ alive }) => !alive);
  t.is(hung.pid, child.pid ?? 0);
  const told = (await farolaAgent(['status', '--config', config])).out;
  t.regex(told, /^agent: +DOES NOT ANSWER: process \d+ is there since \S+, but it is stopped/m);
  t.regex(told, /^what to do: +restart it: /m);
  child.kill('SIGCONT');
  await untilRuns(config, ({ alive }) => alive);

  await panel.close();
  const dead = await untilRuns(config, ({ meter }) => (meter.lines[0]?.failedOpens ?? 0) >= 2);
  t.like(dead.meter.analysers[0], { status: 'line-unavailable', code: 'line-unavailable' });
  t.regex(dead.meter.lines[0]!.unavailable!.reason, /ECONNREFUSED/);
  t.true(dead.meter.lines[0]!.unavailable!.since >= well.meter.analysers[0]!.takenAt!);
  const table = (await farolaAgent(['status', '--config', config])).out;
  t.regex(table, /^line one: +unavailable since \S+Z: connect ECONNREFUSED \S+; \d+ failed opens, /m);
  t.regex(
    table,
    /^analyser mains: +line-unavailable, newest sample \d+ s ago, failing since \S+Z; 6 quantities each 5 s( \([^)]+\))?, 40 quantities each 1 s( \(\d+ left out[^)]+\))?$/m,
  );

  const again = await startSimulatedPanel({ port: panel.port });
  t.teardown(() => again.close());
  const back = await untilRuns(config, ({ meter }) => meter.analysers[0]?.status === 'complete');
  t.like(back.meter.lines[0], { unavailable: null });
  child.kill('SIGTERM');
  const { code, out, err } = await ended;
  t.is(code, 0, err);
  const failed = linesThat(out, '"code":"line-unavailable"');
  t.deepEqual(
    failed.map((line) => (JSON.parse(line) as { level: string }).level),
    ['warn', 'info'],
    failed.join('\n'),
  );
  t.regex(failed[1]!, /"msg":"line back"/);
  t.regex(failed[1]!, /"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, 'as the collector writes it');
});
