import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { type FleetStage, openFleetStage, type StagedLcu } from './fleet-stage.js';
import { runHere } from './run-here.js';
import { until } from './stage.js';

const MAINS = { id: 'mains', line: 'line-1', unit: 1, profile: 'circutor-cvm-c10', serialNumber: '0410077' };
const CIRCUITS = { id: 'circuits', line: 'line-1', unit: 2, profile: 'eastron-sdm630' };

interface Shown {
  readonly sequence: number;
  readonly outcome: string | null;
  readonly trial: { readonly state: string; readonly reason: string | null } | null;
  readonly trialEndsAt: string | null;
}

interface AgentShown {
  readonly config: { readonly analysers: readonly { id: string; unit: number }[] };
  readonly acceptedSequence: number;
  readonly trial: { starts: number } | null;
  readonly kept: object | null;
}

async function opened(t: ExecutionContext) {
  t.timeout(240_000);
  const stage = await openFleetStage(t, 1);
  const [lcu] = stage.lcus as [StagedLcu];
  await stage.startCollector();
  await stage.enrol(lcu);
  const agent = lcu.start();
  await until(() => stage.answers(lcu.lcuId), 'it answers a poll');
  await until(async () => (await readings(stage)).has('mains'), 'the analyser is read');
  const file = join(stage.folder, 'pushed.yaml');
  const push = async (fields: object, ...more: string[]) => {
    await writeFile(file, JSON.stringify(fields));
    return stage.tryCollector('lcu', 'config', 'push', lcu.lcuId, file, '--reason', 'a new meter', '--by', 'ana', ...more);
  };
  return { stage, lcu, agent, push, file };
}

/** Analysers of which a sample was stored in the last five seconds, and that had values. */
async function readings(stage: FleetStage): Promise<Set<string>> {
  const lines = (await stage.look('readings', 'malaga-0001', '--from', '-5s', '--json')).trim().split('\n');
  const rows = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as { point: string; values: unknown[] });
  return new Set(rows.filter(({ values }) => values.length > 0).map(({ point }) => point.split('/')[1] ?? ''));
}

async function shown(stage: FleetStage): Promise<Shown> {
  return JSON.parse(await stage.look('lcu', 'config', 'show', 'malaga-0001', '--json')) as Shown;
}

async function agentShown({ config }: StagedLcu): Promise<AgentShown> {
  return JSON.parse(await runHere('agent', ['config', 'show', '--json', '--config', config])) as AgentShown;
}

test('an analyser is added without a visit, and a technician sees and ends it', async (t) => {
  const { stage, lcu, agent, push } = await opened(t);
  const pushed = await push({ analysers: [MAINS, CIRCUITS] }, '--wait', '30');
  t.is(pushed.exit, 0, pushed.err);
  t.regex(pushed.out, /a configuration waits for malaga-0001\nmalaga-0001 has taken configuration 1 and tries it for \d+ s; /);
  await until(async () => (await readings(stage)).has('circuits'), 'the new analyser is read');
  await until(async () => (await shown(stage)).trial?.state === 'kept', 'it is kept');
  t.regex(await stage.collector('events', lcu.lcuId), /config-applied/);
  t.is((parse(await readFile(lcu.config, 'utf8')) as { analysers: object[] }).analysers.length, 1, 'the file is as it was');
  t.regex(
    await runProgram('agent', ['config', 'show', '--config', lcu.config]),
    /# collector: 1 of \S+ by ana: a new meter\n[^#]*id: circuits/,
  );

  const running = await tryProgram('agent', ['config', 'reset', '--config', lcu.config]);
  t.regex(running.err, /^error: another farola-agent holds/);
  await agent.stop();
  t.regex(await runProgram('agent', ['config', 'reset', '--config', lcu.config]), /file alone counts/);
  const again = await tryProgram('agent', ['config', 'reset', '--config', lcu.config]);
  t.regex(again.err, /^error: there is no configuration of the collector here\n/);
  t.like(await agentShown(lcu), { acceptedSequence: 1, trial: null, kept: null });
  lcu.start();
  await until(async () => (await stage.look('events', lcu.lcuId)).includes('config-rolled-back'), 'the collector is told');
});

test('a configuration in which an analyser falls silent is rolled back by itself', async (t) => {
  const { stage, lcu, push } = await opened(t);
  const pushed = await push({ analysers: [{ ...MAINS, unit: 99 }] }, '--wait', '30');
  t.is(pushed.exit, 0, pushed.err);
  await until(async () => (await shown(stage)).trial?.reason === 'analyser mains is silent', 'it is rolled back');
  await until(async () => (await readings(stage)).has('mains'), 'it is read as before');
  const told = await agentShown(lcu);
  t.like(told.config.analysers[0], { id: 'mains', unit: 1 });
  t.like(told, { acceptedSequence: 1, trial: null, kept: null });
});

test('what may not be set, or is wrong, is refused with all that is wrong, and changes nothing', async (t) => {
  const { stage, lcu, push, file } = await opened(t);
  const bad = await push({ stateDir: '/tmp', link: {}, sampleSeconds: 7, analysers: [] }, '--wait', '30');
  t.is(bad.exit, 65, bad.err);
  t.regex(bad.err, /^error: malaga-0001 refused configuration 1: \d problems\n/);
  for (const path of ['stateDir', 'link', 'sampleSeconds', 'analysers']) t.regex(bad.err, new RegExp(`^  ${path}\\b`, 'm'));
  t.notRegex(bad.err, /\n\s+at /);
  const unfit = await push({ analysers: [{ ...MAINS, line: 'line-9', profile: 'nobody' }] }, '--wait', '30');
  // It is JSON in one line.
  t.regex(unfit.err, /analysers\[0\]\.line \(line 1\): there is no line `line-9`/);
  t.regex(unfit.err, /there is no profile `nobody`/);
  t.like(await agentShown(lcu), { acceptedSequence: 2, trial: null, kept: null });
  await until(async () => (await stage.look('events', lcu.lcuId)).split('config-refused').length === 3, 'both are recorded');
  t.regex(
    await stage.look('events', lcu.lcuId),
    /because config-invalid: .*stateDir .*\n.*because config-invalid: .*there is no line `line-9`/,
  );

  await writeFile(join(stage.folder, 'list.yaml'), '- analysers\n');
  await writeFile(join(stage.folder, 'broken.yaml'), 'analysers: [\n');
  const before = await shown(stage);
  const cases: [string[], number, RegExp][] = [
    [['push', lcu.lcuId, file], 64, /--reason/],
    [['push', 'nobody', file, '--reason', 'x'], 66, /no LCU nobody/],
    [['push', lcu.lcuId, join(stage.folder, 'nowhere'), '--reason', 'x'], 66, /cannot be read/],
    [['push', lcu.lcuId, file, '--reason', ' '], 64, /--reason has/],
    [['push', lcu.lcuId, file, '--reason', 'x', '--valid', '-1d'], 64, /--valid -1d is over/],
    [['push', lcu.lcuId, file, '--reason', 'x', '--wait', 'long'], 64, /--wait is a number/],
    [['push', lcu.lcuId, join(stage.folder, 'list.yaml'), '--reason', 'x'], 78, /list\.yaml: 1 problem/],
    [['push', lcu.lcuId, join(stage.folder, 'broken.yaml'), '--reason', 'x'], 78, /broken\.yaml: 1 problem/],
    [['show', 'nobody'], 66, /no LCU nobody/],
  ];
  for (const [args, exit, message] of cases) {
    const end = await stage.tryCollector('lcu', 'config', ...args);
    t.is(end.exit, exit, `${args.join(' ')}: ${end.err}`);
    t.regex(end.err, message);
    t.regex(end.err, /^error: [^\n]+\n( {2}[^\n]+\n)?(hint: [^\n]+\n)?$/);
  }
  t.deepEqual(await shown(stage), before, 'nothing of it was sent');
});

test('a restart of the agent begins a trial anew, and the collector says until when, also to who sends the next', async (t) => {
  const { stage, lcu, agent, push } = await opened(t);
  await agent.stop();
  await writeFile(lcu.config, (await readFile(lcu.config, 'utf8')).replace('trialSeconds: 5', 'trialSeconds: 60'));
  const restarted = lcu.start();
  await until(() => stage.answers(lcu.lcuId), 'it answers again');
  const pushed = await push({ sampleSeconds: 2 }, '--wait', '30');
  t.is(pushed.exit, 0, pushed.err);
  const before = Date.parse(String((await shown(stage)).trialEndsAt));
  await until(async () => (await agentShown(lcu)).trial?.starts === 1, 'it is on trial');
  await restarted.stop();
  const anewMs = Date.now();
  lcu.start();
  await until(async () => Date.parse(String((await shown(stage)).trialEndsAt)) >= anewMs + 60_000, 'the end is told anew');
  const end = String((await shown(stage)).trialEndsAt);
  t.true(Date.parse(end) > before);
  const about = `${end.slice(0, 19)}Z`;
  t.regex(
    await runHere('agent', ['status', '--config', lcu.config]),
    /^configuration: +number 1 [^\n]*, on trial until \S+, then kept/m,
  );

  const next = await push({ sampleSeconds: 3 }, '--wait', '1');
  t.is(next.exit, 75, next.err);
  t.is(
    next.err,
    `error: configuration 1 is on trial\nhint: nothing failed: it is kept or rolled back at about ${about}, and another is taken then\n`,
  );
  t.like(await shown(stage), { sequence: 2, outcome: null, waitsForSequence: 1, trialEndsAt: end });
  const behind = `where configuration 1 is on trial until about ${about}, then kept or rolled back`;
  t.true((await stage.look('lcu', 'config', 'show', lcu.lcuId)).includes(`\n# waits for the LCU, ${behind}\n`));
  t.regex(
    await stage.look('status', lcu.lcuId),
    /\nconfiguration +2, sent \S+, waits for the LCU, where 1 is on trial until about /,
  );
});

test('an LCU that is away gets it when it comes; one that is killed on trial again and again rolls it back', async (t) => {
  const { stage, lcu, agent, push } = await opened(t);
  await agent.stop();
  const away = await push({ analysers: [MAINS, CIRCUITS] });
  t.is(away.exit, 0, away.err);
  t.is((await shown(stage)).outcome, null);
  const anew = await push({ analysers: [MAINS, CIRCUITS] });
  t.regex(
    anew.out,
    /^configuration 1, which waited, is replaced\na configuration waits for malaga-0001\nWhat it says of it: .*--wait SECONDS\n$/,
  );
  let running = lcu.start();
  for (let start = 1; start <= 3; start++) {
    await until(async () => (await agentShown(lcu)).trial?.starts === start, `start ${start} on trial`);
    await running.kill();
    running = lcu.start();
  }
  await until(async () => (await agentShown(lcu)).trial === null, 'it is rolled back at the start');
  await until(async () => (await shown(stage)).trial?.reason === 'the agent ended 3 times on trial', 'the collector is told');
  t.is((await agentShown(lcu)).config.analysers.length, 1);
  await until(async () => (await readings(stage)).has('mains'), 'it is read as before');
});
