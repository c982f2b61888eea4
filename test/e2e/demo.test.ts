import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
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
  readonly exit: Promise<number | null>;
}

/** Runs the demo with a folder of its own for temporary files. */
async function demo(t: ExecutionContext, ...args: string[]): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-demo-test-'));
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
  return { folder, out: () => out, err: () => err, signal: (name) => child.kill(name), exit };
}

/** Programs that still run with something of this folder on their command line. */
async function leftOver(folder: string): Promise<string[]> {
  const { readFile } = await import('node:fs/promises');
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

test('ends by itself after three verified rounds, with values of every phase, and leaves nothing behind', async (t) => {
  const run = await demo(t, '--rounds', '3', '--poll-seconds', '2');
  t.is(await run.exit, 0, run.err());
  const last = run.out().trim().split('\n').slice(-12).join('\n');
  t.regex(last, /malaga-0042\s+ok\s+alameda-7\/mains\s+\d+ s\s+2[23]\d\.\d 2[23]\d\.\d 2[23]\d\.\d\s.*\d+\.\d{3}\s+[1-9]/);
  t.regex(last, /malaga-0042\s+ok\s+alameda-7\/circuits/);
  t.regex(last, /[3-9] rounds, 0 with an answer that was not verified/);
  t.deepEqual(await readdir(run.folder), []);
  t.deepEqual(await leftOver(run.folder), []);
});

test('stops everything in order on Ctrl-C', async (t) => {
  const run = await demo(t, '--poll-seconds', '1');
  for (let tries = 0; tries < 300 && !/[1-9] rounds/.test(run.out()); tries++) await new Promise((r) => setTimeout(r, 100));
  run.signal('SIGINT');
  t.is(await run.exit, 0, run.err());
  t.regex(run.out(), /stopping\n$/);
  t.deepEqual(await readdir(run.folder), []);
  t.deepEqual(await leftOver(run.folder), []);
});

for (const args of [['--rounds', '0'], ['--rounds', 'many'], ['--poll-seconds', '-1'], ['--surprise']]) {
  test(`gives one clear error for ${args.join(' ')}`, async (t) => {
    const run = await demo(t, ...args);
    t.is(await run.exit, 64);
    t.regex(run.err(), /^error: [^\n]+\nhint: see --help\n$/);
  });
}
