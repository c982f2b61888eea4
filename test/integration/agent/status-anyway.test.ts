import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, systemTimers } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import test, { type ExecutionContext } from 'ava';
import { type CommandOutcome, farolaAgent, startFarolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { enrolledAgent } from '../../fakes/enrolled-agent.js';
import { powerlessAgent } from '../../fakes/powerless-agent.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal } from '../../fakes/test-journal.js';

interface Told {
  readonly configProblem: { readonly code: string } | null;
  readonly agentState: string;
  readonly enrolment: { readonly lcuId: string } | null;
  readonly unread: readonly { readonly about: string; readonly code: string }[];
  readonly run: { readonly pid: number } | null;
  readonly starting: { readonly code: string | null } | null;
}

function jsonOf({ out }: CommandOutcome): Told {
  checkJson('farola-agent', ['status'], out);
  return JSON.parse(out) as Told;
}

/** Asks until the agent is in one of these states. */
async function untilState(t: ExecutionContext, states: readonly string[], ...args: string[]): Promise<Told> {
  for (let tries = 0; tries < 100; tries++) {
    const told = jsonOf(await farolaAgent(['status', '--json', ...args]));
    if (states.includes(told.agentState)) return told;
    await pause(systemTimers, 100);
  }
  return t.fail(`never ${states.join(' or ')}`);
}

test('with a configuration that is not valid, status tells the LCU and the agent that runs, and the problem', async (t) => {
  t.timeout(120_000);
  const { folder, config, collector } = await enrolledAgent(t);
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  await collector.connection('/v1/lcu');
  await untilState(t, ['running'], '--config', config);
  t.is((await farolaAgent(['run', '--config', config])).code, 69, 'another one cannot begin');
  t.is(jsonOf(await farolaAgent(['status', '--json', '--config', config])).run?.pid, child.pid, 'and does not hide the first');
  appendFileSync(config, '\nsurprise: 1\n');
  const json = await farolaAgent(['status', '--json', '--config', config]);
  const told = jsonOf(json);
  t.is(json.code, 78);
  t.is(told.configProblem?.code, 'config-invalid');
  t.like(JSON.parse(json.err) as object, { error: { code: 'config-invalid' } });
  t.like(told, { stateDir: join(folder, 'state'), runDir: join(folder, 'run'), agentState: 'running', unread: [] });
  t.is(told.enrolment?.lcuId, 'malaga-0042');
  t.is(told.run?.pid, child.pid);
  const { code, out, err } = await farolaAgent(['status', '--config', config]);
  t.is(code, 78);
  t.regex(
    out,
    /^configuration: +\S+agent\.yaml IS NOT VALID; what follows is of \S+state and \S+run, which it names; the agent goes on/,
  );
  t.regex(out, /^identity: +malaga-0042 at malaga/m);
  t.regex(out, /^agent: +running since /m);
  t.regex(err, /^error: [^\n]+\n {2}surprise \(line \d+\): [^\n]+\nhint: [^\n]+\n$/);

  const elsewhere = ['--config', join(folder, 'none.yaml'), '--state-dir', join(folder, 'state')];
  const found = await farolaAgent(['status', ...elsewhere]);
  t.is(found.code, 66);
  t.regex(found.out, /^agent: +running: its journal is in use; it tells nothing of itself in \/run\/farola$/m);
  t.regex(found.out, /^what to do: +name the configuration that the agent is run with/m);
  t.is(jsonOf(await farolaAgent(['status', '--json', ...elsewhere])).agentState, 'elsewhere');
  child.kill('SIGTERM');
  await ended;
  const gone = await farolaAgent(['status', ...elsewhere]);
  t.regex(gone.out, /^agent: +not running on this folder: no process has its journal in use$/m);
});

test('where another configuration may name other folders, nothing is said to be not running', async (t) => {
  const config = join(temporaryFolder(t), 'none.yaml');
  const { code, out } = await farolaAgent(['status', '--config', config]);
  t.is(code, 66);
  t.regex(out, /^agent: +NOT KNOWN whether it runs$/m);
  t.notRegex(out, /farola-agent enroll/, 'which would fail for the same reason');
  t.is(jsonOf(await farolaAgent(['status', '--json', '--config', config])).agentState, 'not-known');
});

test('what this user may not read is not said to be absent', async (t) => {
  const { folder, config } = await enrolledAgent(t);
  const [state, run] = [join(folder, 'state'), join(folder, 'run')];
  (await openTestJournal(state)).close();
  writeFileSync(join(run, 'status.json'), '{}');
  for (const path of [state, run]) chmodSync(path, 0);
  t.teardown(() => [state, run].forEach((path) => chmodSync(path, 0o700)));
  const { code, out, err } = await powerlessAgent('status', '--config', config);
  t.is(code, 77);
  for (const name of ['identity', 'its status', 'journal'])
    t.regex(out, new RegExp(`^${name}: +CANNOT BE READ: no permission for `, 'm'));
  t.regex(out, /^agent: +NOT KNOWN whether it runs$/m);
  t.regex(err, /^error: no permission for \S+\nhint: run this as root or as the user farola\n$/);
  const told = jsonOf(await powerlessAgent('status', '--json', '--config', config));
  t.deepEqual(
    told.unread.map(({ about, code: why }) => `${about} ${why}`),
    ['enrolment', 'agent', 'configTrial', 'journal'].map((about) => `${about} permission-denied`),
  );
});

test('a part that is damaged takes no other with it', async (t) => {
  const { folder, config } = await enrolledAgent(t);
  const state = join(folder, 'state');
  writeFileSync(join(state, 'journal.sqlite'), 'this is no database, and long enough to be looked at as one: it is not');
  const journal = await farolaAgent(['status', '--config', config]);
  t.is(journal.code, 74);
  t.regex(journal.out, /^identity: +malaga-0042 at malaga/m);
  t.regex(journal.out, /^journal: +CANNOT BE READ: journal \S+ does not agree with itself/m);
  t.regex(journal.out, /^storage: +\d+ MB free/m);
  writeFileSync(join(state, 'enrolment.json'), '{');
  const { code, out, err } = await farolaAgent(['status', '--config', config]);
  t.is(code, 78, 'the first counts');
  t.regex(out, /^identity: +CANNOT BE READ: \S+enrolment\.json: it is cut short, or no JSON$/m);
  t.regex(out, /^journal: +CANNOT BE READ/m);
  t.true(err.includes(`\`farola-agent enroll --abort --config ${config}\``), err);
});

test('an agent that waits for its disk is told as that, and why', async (t) => {
  t.timeout(120_000);
  const { folder, config } = await enrolledAgent(t);
  // Nobody can write a folder as a file: to the journal that is a disk that fails.
  mkdirSync(join(folder, 'state', 'journal.sqlite'));
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  const told = await untilState(t, ['starting'], '--config', config);
  t.is(told.run, null);
  for (let tries = 0; tries < 100; tries++) {
    const { out } = await farolaAgent(['status', '--config', config]);
    if (!out.includes('STARTING')) continue;
    t.regex(
      out,
      /^agent: +STARTING, AND MEASURES NOTHING, process \d+ since \S+, because: \S+journal\.sqlite: it is a folder; /m,
    );
    break;
  }
  t.is(jsonOf(await farolaAgent(['status', '--json', '--config', config])).starting?.code, 'disk-failure');
  t.regex((await farolaAgent(['meter', 'stats', '--config', config])).err, /no agent runs that tells of itself/);
  child.kill('SIGTERM');
  t.is((await ended).code, 0);
  t.is(jsonOf(await farolaAgent(['status', '--json', '--config', config])).agentState, 'not-running');
});

test('the status of a process that is gone is not believed of the one that has its number now', async (t) => {
  t.timeout(120_000);
  const { folder, config, collector } = await enrolledAgent(t);
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  await collector.connection('/v1/lcu');
  await untilState(t, ['running'], '--config', config);
  child.kill('SIGKILL');
  await ended;
  const path = join(folder, 'run', 'status.json');
  const left = JSON.parse(readFileSync(path, 'utf8')) as { pid: number };
  writeFileSync(path, JSON.stringify({ ...left, pid: process.pid }));
  const { out } = await farolaAgent(['status', '--config', config]);
  t.regex(out, /^agent: +not running$/m);
});

test('advice names the configuration and the folder that this command was called with', async (t) => {
  const folder = join(temporaryFolder(t), 'a b');
  mkdirSync(folder);
  const config = writeAgentConfig(folder);
  const { err } = await farolaAgent(['run', '--config', config]);
  t.is(err.split('\n').at(-2), `hint: run \`farola-agent enroll --config '${config}'\` with the token of the operator`);
  const { out } = await farolaAgent(['status', '--config', config, '--state-dir', join(folder, 'other')]);
  t.true(out.includes(`run \`farola-agent enroll --config '${config}' --state-dir '${join(folder, 'other')}'\``), out);
});
