import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { AGENT_CLI, farolaAgent } from '../../fakes/agent-process.js';
import { enrolledAgent } from '../../fakes/enrolled-agent.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const COLLECTOR_CLI = AGENT_CLI.replace('/agent/', '/collector/');

function full(t: ExecutionContext): number {
  const fd = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(fd));
  return fd;
}

/** Starts a program whose standard output and error go there; gives it and the end of it. */
function started(t: ExecutionContext, args: readonly string[], output: number | 'pipe') {
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, output] });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, ended };
}

async function until(t: ExecutionContext, what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await pause(systemTimers, 100);
  }
  t.fail(`never: ${what}`);
}

/** Samples that the agent has taken. */
async function taken(config: string): Promise<number> {
  const { out } = await farolaAgent(['status', '--json', '--config', config]);
  return (JSON.parse(out) as { run: { sampling: { taken: number } } | null }).run?.sampling.taken ?? 0;
}

for (const [what, breakOff] of [
  ['on a disk that is full', false],
  ['whose reader has died', true],
] as const) {
  test(`an agent measures on with a log ${what}`, async (t) => {
    t.timeout(180_000);
    const { config } = await enrolledAgent(t, 'log: { level: debug }');
    const { child, ended } = started(t, [AGENT_CLI, 'run', '--config', config], breakOff ? 'pipe' : full(t));
    await until(t, 'it measures', async () => (await taken(config)) > 0);
    child.stdout?.destroy();
    child.stderr?.destroy();
    const before = await taken(config);
    await until(t, 'it measures on', async () => (await taken(config)) > before + 2);
    child.kill('SIGTERM');
    t.is(await ended, 0);
  });
}

test('an agent that cannot begin ends with its own exit code, also where nobody can be told', async (t) => {
  const config = join(temporaryFolder(t), 'none.yaml');
  t.is(await started(t, [AGENT_CLI, 'run', '--config', config], full(t)).ended, 66);
});

test('a collector serves on with a log on a disk that is full', async (t) => {
  t.timeout(180_000);
  const folder = temporaryFolder(t);
  const [config = '', state = '', run = ''] = ['c.yaml', 'state', 'run'].map((name) => join(folder, name));
  const places = ['--config', config, '--state-dir', state, '--run-dir', run, '--listen', '127.0.0.1:0'];
  const made = spawnSync(process.execPath, [
    COLLECTOR_CLI,
    'init',
    '--id',
    'malaga',
    '--address',
    'wss://localhost:8443',
    ...places,
  ]);
  t.is(made.status, 0, made.stderr.toString());
  const { child, ended } = started(t, [COLLECTOR_CLI, 'run', '--config', config], full(t));
  const runs = (): Promise<boolean> => {
    const { stdout } = spawnSync(process.execPath, [COLLECTOR_CLI, 'status', '--json', '--config', config]);
    return Promise.resolve((JSON.parse(stdout.toString()) as { collector: { running: boolean } }).collector.running);
  };
  await until(t, 'it runs', runs);
  t.true(await runs());
  child.kill('SIGTERM');
  t.is(await ended, 0);
});

for (const [program, module, make] of [
  ['agent', 'agent/dist/log/pino-log.js', "(({ pinoLog }) => pinoLog('info'))"],
  ['collector', 'collector/dist/log/pino-log.js', "(({ openPinoLog }) => openPinoLog('info'))"],
] as const) {
  test(`the log of the ${program} tells what it lost as soon as it is written again`, (t) => {
    const file = join(temporaryFolder(t), 'log');
    const path = AGENT_CLI.replace('agent/dist/cli/main-cli.js', module);
    const script = `import { closeSync, openSync } from 'node:fs';
const log = ${make}(await import(${JSON.stringify(path)}));
const say = (text) => log.info({}, text);
say('gone'); say('gone');
closeSync(1);
if (openSync(${JSON.stringify(file)}, 'w') !== 1) throw new Error('another descriptor');
say('back'); say('on');`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', full(t), 'pipe'],
    });
    t.is(status, 0, stderr.toString());
    const records = readFileSync(file, 'utf8').trimEnd().split('\n');
    const told = records.map((line) => JSON.parse(line) as { msg: string; code?: string; count?: number; level: string });
    t.deepEqual(
      told.map(({ msg, code }) => code ?? msg),
      ['back', 'log-lost', 'on'],
    );
    t.like(told[1], {
      level: 'error',
      count: 2,
      reason: 'ENOSPC',
      msg: 'records of the log that could not be written: 2 (ENOSPC)',
    });
  });
}
