import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { FarolaError } from '@farola/shared';
import { type ProgramName, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { checkJson, jsonCommandNames } from '#scripts/docs/json/check-json.js';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { counts, openStage, type Stage, until } from './stage.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const CIRCUITS = { id: 'circuits', line: 'line-1', unit: 2, profile: 'eastron-sdm630' };
const MAINS = { id: 'mains', line: 'line-1', unit: 1, profile: 'circutor-cvm-c10', serialNumber: '0410077' };

/** Commands that ask for no configuration. */
const WITHOUT_CONFIG: ReadonlySet<string> = new Set(['hash', 'profile', 'meter replay']);

type Printed = Readonly<Record<string, unknown>>;

/** Runs commands with `--json`, holds what they print against docs/json.md, and notes which were run. */
class JsonRunner {
  readonly ran = new Set<string>();
  readonly #configs: Readonly<Record<ProgramName, string>>;

  constructor({ paths }: Pick<Stage, 'paths'>) {
    this.#configs = { agent: paths.agentConfig, collector: paths.collectorConfig };
  }

  /** The lines of a command that ends well. @param words of the command line, apart by blanks; more words follow as they are */
  async lines(program: ProgramName, words: string, ...more: string[]): Promise<Printed[]> {
    const args = [...words.split(' '), ...more];
    const named =
      args.includes('--config') || WITHOUT_CONFIG.has(args[0] ?? '') || WITHOUT_CONFIG.has(args.slice(0, 2).join(' '))
        ? []
        : ['--config', this.#configs[program]];
    const { exit, out, err } = await tryProgram(program, [...args, '--json', ...named]);
    if (exit !== 0) throw new FarolaError('internal', { reason: `${program} ${args.join(' ')}: ${err}` });
    return this.checked(program, args, out);
  }

  /** The one line of a command. */
  async one(program: ProgramName, words: string, ...more: string[]): Promise<Printed> {
    const [line, ...others] = await this.lines(program, words, ...more);
    if (!line || others.length > 0) throw new RangeError(`${words} printed ${others.length + (line ? 1 : 0)} lines`);
    return line;
  }

  /** Holds what a command printed against the table. */
  checked(program: ProgramName, args: readonly string[], out: string): Printed[] {
    this.ran.add(checkJson(`farola-${program}`, args, out));
    const lines = out.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Printed);
  }
}

/** A collector that is made, backed up, and restored elsewhere. */
async function makeAndRestore(run: JsonRunner, folder: string): Promise<void> {
  const places = (name: string): string[] => {
    const at = (part: string): string => join(folder, `${name}-${part}`);
    return ['--state-dir', at('state'), '--run-dir', at('run'), '--config', at('collector.yaml')];
  };
  const [config = ''] = places('first').slice(-1);
  await run.one('collector', 'init --id malaga --address wss://collector.example.org:8443', ...places('first'));
  await run.one('collector', 'config check', '--config', config);
  const [passphrase, backup] = [join(folder, 'passphrase'), join(folder, 'malaga.age')];
  writeFileSync(passphrase, 'a passphrase that is long enough\n');
  await run.one('collector', 'keys backup', backup, '--passphrase-file', passphrase, '--config', config);
  await run.one('collector', 'keys restore', backup, '--passphrase-file', passphrase, ...places('second'));
}

async function technician(run: JsonRunner, stage: Stage): Promise<Printed> {
  const { folder } = stage;
  await run.one('agent', 'init', '--config', join(folder, 'new', 'agent.yaml'), '--state-dir', join(folder, 'new-state'));
  await run.one('agent', 'config check');
  const before = await run.one('agent', 'status');
  if (before['enrolment'] !== null) throw new RangeError('it is not enrolled yet');
  await run.one('agent', 'profile check', join(REPOSITORY, 'agent/profiles/eastron-sdm630.yaml'));
  await run.lines('agent', 'meter plan');
  const read = await run.lines('agent', 'meter read');
  if (read.length !== 2) throw new RangeError('each analyser is a line');
  await run.one('agent', 'meter record', join(folder, 'mains.transcript'), '--times', '1');
  await run.one('agent', 'meter replay', join(folder, 'mains.transcript'));
  const [mains] = read as { values: { quantity: string; value: string }[] }[];
  const volts = mains?.values.find(({ quantity }) => quantity === 'voltageL1')?.value;
  await run.one('agent', 'meter doctor mains --expect', `voltageL1=${volts}`);
  if ((await run.lines('agent', 'meter scan --units 1-2')).length !== 2) throw new RangeError('each unit is a line');
  await run.one('agent', 'meter read --register 0 --count 4 --unit 1 --function 4');
  const { token } = await run.one('collector', 'lcu add', LCU, '--panel', 'alameda-7');
  return run.one('agent', 'enroll', String(token));
}

/** What LCUs told, and how they were. */
async function looks(t: ExecutionContext, run: JsonRunner): Promise<void> {
  const [listed] = await run.lines('collector', 'lcu list');
  t.like(listed, { lcuId: LCU, assurance: 'A0', lastPoll: { code: 'ok' } });
  await run.one('collector', 'lcu show', LCU);
  t.true(Number((await run.one('collector', 'poll', LCU))['entriesStored']) >= 0);
  t.is((await run.lines('collector', 'readings')).length, 2);
  t.true((await run.lines('collector', 'readings', LCU, '--from', '-1h')).every(({ stale }) => stale === null));
  await until(async () => (await run.lines('collector', 'readings', '--interval', 'hour')).length > 1, 'intervals are made');
  await until(async () => Number((await run.lines('collector', 'uptime'))[0]?.['roundsUp'] ?? 0) > 0, 'a round up');
  await run.lines('collector', 'panel list');
  await run.one('collector', 'panel set alameda-7 --time-zone Atlantic/Canary');
  await run.one('collector', 'status', LCU);
  await run.one('collector', 'ledger verify');
}

/** Two looks at a collector that is stopped, and one between them that fails. */
async function watches(t: ExecutionContext, run: JsonRunner, { folder }: Stage): Promise<void> {
  const stateDb = join(folder, 'second-state', 'state.db');
  const args = ['watch', '--seconds', '1', '--json', '--config', join(folder, 'second-collector.yaml')];
  const child = spawn(join(REPOSITORY, 'collector/bin/farola-collector'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  const looked = (kind: string): number => out.split('\n').filter((line) => line.startsWith(kind)).length;
  await until(() => looked('{"at"') >= 1, 'a look');
  const closed = once(child, 'close');
  renameSync(stateDb, `${stateDb}.aside`);
  writeFileSync(stateDb, 'no database, and longer than the header of one '.repeat(40));
  await until(() => looked('{"error"') >= 1, 'a look that failed');
  rmSync(stateDb);
  renameSync(`${stateDb}.aside`, stateDb);
  const before = looked('{"at"');
  await until(() => looked('{"at"') > before, 'a look again');
  child.kill('SIGINT');
  t.is(((await closed) as [number | null])[0], 0);
  run.checked('collector', args, out);
}

/** What the agent does until it is stopped: it prints one line at least. */
async function untilStopped(t: ExecutionContext, run: JsonRunner, ...args: string[]): Promise<void> {
  const child = spawn(join(REPOSITORY, 'agent/bin/farola-agent'), [...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  await until(() => out.endsWith('\n'), 'it says something');
  const closed = once(child, 'close');
  child.kill('SIGINT');
  t.is(((await closed) as [number | null])[0], 0);
  run.checked('agent', args, out);
}

/** Code, platform and keys. */
async function trusts(t: ExecutionContext, run: JsonRunner, { folder, paths }: Stage, key: string): Promise<void> {
  const [tree, file] = [paths.agentTree, join(folder, 'agent.farola-release')];
  const own = await run.one('agent', 'hash', tree);
  t.is(own['changes'], null);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(own));
  t.deepEqual((await run.one('agent', 'hash', tree, join(folder, 'manifest.json')))['changes'], []);
  await run.one('collector', 'release sign', tree, '--key', key, '--expires', '+365d', '--output', file);
  await run.one('collector', 'release add', file);
  await run.one('collector', 'release revoke', '0.1.0', '--reason', 'a hole', '--yes');
  await run.one('collector', 'release revoke', 'ab'.repeat(32), '--reason', 'a hole', '--yes');
  t.is((await run.lines('collector', 'release list')).length, 2);
  await until(async () => (await run.lines('collector', 'platform list')).length === 1, 'the LCU tells what it runs on');
  const [platform] = await run.lines('collector', 'platform list');
  const hash = String(platform?.['platformHash']);
  await run.one('collector', 'platform add', hash, '--reason', 'node of November');
  await run.one('collector', 'platform revoke', hash, '--reason', 'a hole');
  await run.one('collector', 'keys list');
  await run.one('collector', 'keys rotate poll', '--root', join(paths.stateDb, '..', 'keys', 'root.key'), '--until', '+30d');
  await run.one('collector', 'keys list');
}

/** What is set from afar, and forgotten again. */
async function configures(t: ExecutionContext, run: JsonRunner, { folder }: Stage): Promise<void> {
  const fields = join(folder, 'fields.yaml');
  writeFileSync(fields, JSON.stringify({ analysers: [MAINS, CIRCUITS], sampleSeconds: 2 }));
  const push = await run.one('collector', 'lcu config push', LCU, fields, '--reason', 'less often', '--wait', '60');
  t.is(push['outcome'], 'ok');
  t.like(await run.one('agent', 'config show'), { acceptedSequence: push['sequence'] });
  await run.one('collector', 'lcu config show', LCU);
}

async function decides(run: JsonRunner): Promise<void> {
  await run.one('collector', 'lcu quarantine', LCU, '--reason', 'seal of the panel broken');
  await run.one('collector', 'lcu release', LCU, '--reason', 'panel inspected');
  await run.one('collector', 'lcu show', LCU);
  await run.one('collector', 'lcu add malaga-0043 --panel plaza-1');
  await run.one('collector', 'lcu retire malaga-0043', '--reason', 'never built');
}

test('what every command prints with --json is what docs/json.md says', async (t) => {
  t.timeout(300_000);
  const stage = await openStage(t);
  const { folder, paths } = stage;
  mkdirSync(join(folder, 'new'));
  const run = new JsonRunner(stage);
  await makeAndRestore(run, folder);
  const key = join(folder, 'release.key');
  const { publicKey } = await run.one('collector', 'release key', key);
  await run.one('collector', 'release key', key, '--public');
  appendFileSync(paths.collectorConfig, `releases: { keys: [${String(publicKey)}] }\n`);
  await run.one('collector', 'status');
  const collector = await stage.startCollector();
  await untilStopped(t, run, 'meter', 'watch', '--config', paths.agentConfig);
  const { words } = (await technician(run, stage)) as { words: string[] };
  await run.one('collector', 'lcu show', LCU);
  await run.one('collector', 'lcu approve', LCU, '--words', words.join(' '));
  installTree({ repository: REPOSITORY, program: 'agent', target: paths.agentTree });
  const agent = stage.startAgent(paths.agentTree);
  await until(async () => (await counts(stage)).rounds >= 3, 'three rounds');
  await until(async () => (await run.one('agent', 'status'))['run'] !== null, 'the agent says how it is');
  await looks(t, run);
  await watches(t, run, stage);
  await untilStopped(t, run, 'meter', 'simulate', 'eastron-sdm630', '--tcp-port', '0');
  await run.one('agent', 'meter stats');
  await configures(t, run, stage);
  await trusts(t, run, stage, key);
  await decides(run);
  await run.one('collector', 'support-bundle', join(folder, 'collector.tar'));
  await run.one('agent', 'support-bundle', join(folder, 'agent.tar'));
  await run.one('collector', 'ledger export', '--proof', LCU, '--from', '-1h', '--output', join(folder, 'proof'));

  t.is(await agent.stop(), 0);
  await run.one('agent', 'config reset');
  await run.one('agent', 'enroll --abort --yes');
  t.is(await collector.stop(), 0);
  await run.one('collector', 'keys rotate --switch --force');
  t.deepEqual(
    (await run.lines('collector', 'ledger rebuild')).map(({ part }) => part),
    ['proof', 'state', 'aggregates'],
  );
  t.true((await run.lines('collector', 'events')).length > 0);
  await run.one('collector', 'lcu revoke', LCU, '--reason', 'stolen');
  await run.one('collector', 'status --all');
  t.deepEqual([...run.ran].toSorted(), jsonCommandNames().toSorted(), 'none was left out');
});

test('a command with --json that fails says so in one object, the last line on standard error', async (t) => {
  const stage = await openStage(t);
  const nowhere = join(stage.folder, 'nowhere.yaml');
  const config = ['--config', stage.paths.collectorConfig];
  const cases: [ProgramName, string[], string, number][] = [
    ['collector', ['poll', LCU, ...config], 'collector-not-running', 69],
    ['collector', ['status', '--check', ...config], 'collector-not-running', 69],
    ['collector', ['lcu', 'show', 'nobody', ...config], 'lcu-unknown', 66],
    ['collector', ['lcu', 'list', '--config', nowhere], 'config-unreadable', 66],
    ['collector', ['dance'], 'usage', 64],
    ['collector', ['uptime', '--csv', ...config], 'usage', 64],
    ['agent', ['config', 'check', '--config', nowhere], 'config-unreadable', 66],
    ['agent', ['enroll', '--abort', '--config', stage.paths.agentConfig], 'not-enrolled', 78],
    ['agent', ['status', '--loud'], 'usage', 64],
  ];
  for (const [program, args, code, exit] of cases) {
    const end = await tryProgram(program, [...args, '--json']);
    t.is(end.exit, exit, `${args.join(' ')}: ${end.err}`);
    const [last = '', ...before] = end.err.trim().split('\n').toReversed();
    const { error } = JSON.parse(last) as { error: Record<string, unknown> };
    t.deepEqual([Object.keys(error), error['code'], before], [['code', 'message', 'hint'], code, []]);
    t.is(end.out !== '', args.includes('--check'), 'what it had to tell stands on standard output');
  }
});
