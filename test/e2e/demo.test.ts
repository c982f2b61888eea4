import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const DEMO = fileURLToPath(new URL('../../../scripts/dist/demo/main.js', import.meta.url));

interface Demo {
  readonly folder: string;
  readonly out: () => string;
  readonly err: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly closeOutput: () => void;
  readonly exit: Promise<number | null>;
}

/** Runs the demo with a folder of its own for temporary files. */
async function demo(t: ExecutionContext, ...args: string[]): Promise<Demo> {
  return demoIn(t, await mkdtemp(join(tmpdir(), 'farola-demo-test-')), ...args);
}

function demoIn(t: ExecutionContext, folder: string, ...args: string[]): Demo {
  const child = spawn(process.execPath, [DEMO, ...args], { stdio: 'pipe', env: { ...process.env, TMPDIR: folder } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(async () => {
    child.kill('SIGTERM');
    await exit;
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    out: () => out,
    err: () => err,
    signal: (name) => child.kill(name),
    closeOutput: () => child.stdout.destroy(),
    exit,
  };
}

/** Programs that run with something of this folder on their command line. */
async function running(folder: string): Promise<{ pid: number; line: string }[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const programs = ids.map(async (id) => ({
    pid: Number(id),
    line: await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''),
  }));
  return (await Promise.all(programs)).filter(({ line }) => line.includes(folder));
}

async function leftOver(folder: string): Promise<string[]> {
  return (await running(folder)).map(({ line }) => line);
}

test('ends by itself after three verified rounds, with values of every phase, and leaves nothing behind', async (t) => {
  const run = await demo(t, '--rounds', '3');
  t.is(await run.exit, 0, run.err());
  const last = run.out().trim().split('\n').slice(-12).join('\n');
  t.regex(last, /malaga-0042: ok, [1-9]\d* entries stored\nanalyser +age /);
  t.regex(last, /\nmains +\d+ s +2[23]\d\.\d 2[23]\d\.\d 2[23]\d\.\d\s.*\d+\.\d{3}\n/);
  t.regex(last, /\ncircuits +\d+ s /);
  for (const line of last.split('\n').filter((one) => !one.startsWith('demo: '))) t.true(line.length <= 80, line);
  t.regex(last, /[3-9] rounds, 0 with an answer that was not verified/);
  t.regex(last, /demo: stopping\ndemo: [3-9] rounds: every answer was verified$/);
  t.deepEqual(await readdir(run.folder), []);
  t.deepEqual(await leftOver(run.folder), []);
});

test('stops everything in order on Ctrl-C', async (t) => {
  const run = await demo(t, '--poll-seconds', '1');
  for (let tries = 0; tries < 600 && !/[1-9] rounds/.test(run.out()); tries++) await new Promise((r) => setTimeout(r, 100));
  run.signal('SIGINT');
  t.is(await run.exit, 0, run.err());
  t.regex(run.out(), /stopping\ndemo: stopped after \d+ rounds?\n$/);
  t.deepEqual(await readdir(run.folder), []);
  t.deepEqual(await leftOver(run.folder), []);
});

test('says which program ended by itself, and stops the rest', async (t) => {
  const run = await demo(t, '--rounds', '50', '--poll-seconds', '1');
  for (let tries = 0; tries < 600 && !/[1-9] rounds/.test(run.out()); tries++) await new Promise((r) => setTimeout(r, 100));
  const [agent] = (await running(run.folder)).filter(({ line }) => line.includes('agent.yaml'));
  process.kill(agent?.pid as number, 'SIGKILL');
  t.not(await run.exit, 0);
  t.regex(run.err(), /^error: farola-agent ended by itself/);
  t.deepEqual(await readdir(run.folder), []);
  t.deepEqual(await leftOver(run.folder), []);
});

test('leaves no program behind when it is killed, or when nobody reads any more', async (t) => {
  for (const end of [(run: Demo) => run.signal('SIGKILL'), (run: Demo) => run.closeOutput()]) {
    const run = await demo(t, '--poll-seconds', '1');
    for (let tries = 0; tries < 600 && !/[1-9] rounds/.test(run.out()); tries++) await new Promise((r) => setTimeout(r, 100));
    end(run);
    await run.exit;
    for (let tries = 0; tries < 100 && (await leftOver(run.folder)).length > 0; tries++)
      await new Promise((r) => setTimeout(r, 100));
    t.deepEqual(await leftOver(run.folder), []);
    t.notRegex(run.err(), /\n\s+at /);
  }
});

test('the next demo removes what a killed one left, and nothing of one that runs; one that is stopped says so', async (t) => {
  const killed = await demo(t, '--poll-seconds', '1');
  const folders = async (): Promise<string[]> => (await readdir(killed.folder)).filter((name) => name.startsWith('farola-demo-'));
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 600 && !(await holds()); tries++) await new Promise((r) => setTimeout(r, 100));
  };
  await until(() => /[1-9] rounds?,/.test(killed.out()));
  const [left] = await folders();
  killed.signal('SIGKILL');
  await killed.exit;
  t.deepEqual(await folders(), [left]);
  const next = demoIn(t, killed.folder, '--rounds', '50', '--poll-seconds', '1');
  await until(async () => !(await folders()).includes(left!) && next.out().includes('agent'));
  t.is((await folders()).length, 1);
  const third = demoIn(t, killed.folder, '--rounds', '50', '--poll-seconds', '1');
  await until(() => third.out().includes('agent'));
  t.is((await folders()).length, 2);
  for (const run of [next, third]) run.signal('SIGTERM');
  t.deepEqual([await next.exit, await third.exit], [1, 1]);
  t.regex(next.out(), /demo: stopped by a signal after \d+ of 50 rounds\n$/);
});

for (const args of [['--rounds', '0'], ['--rounds', 'many'], ['--poll-seconds', '-1'], ['--surprise']]) {
  test(`gives one clear error for ${args.join(' ')}`, async (t) => {
    const run = await demo(t, ...args);
    t.is(await run.exit, 64);
    t.regex(run.err(), /^error: [^\n]+\nhint: see --help\n$/);
  });
}
