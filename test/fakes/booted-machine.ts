import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { until } from '../e2e/stage.js';
import { temporaryFolder } from './temporary-folder.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const BOOT = join(REPOSITORY, 'test', 'fakes', 'boot-machine.sh');
const SYSTEMD = '/lib/systemd/systemd';
const APART = ['--fork', '--pid', '--mount', '--uts', '--ipc', '--net'];
/** Where the repository lies on the machine. */
export const HERE = '/opt/farola';

/** What a command printed on the machine, and how it ended. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** A machine that systemd has booted, with the trees of both programs in /usr/lib and the repository at `HERE`. */
export interface BootedMachine {
  /** Runs a line of a shell as root, in `HERE`. */
  try(line: string, input?: string): Promise<Ran>;
  /** As `try`, and gives what was printed by a line that ends well; else it throws what was said. */
  run(line: string, input?: string): Promise<string>;
}

/** Why this process cannot boot one; undefined when it can. */
export function whyNoBoot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync(SYSTEMD)) return 'no systemd';
  const mounts = 'mount -t tmpfs x /mnt && mkdir /mnt/c && mount -t cgroup2 x /mnt/c && mkdir /mnt/u /mnt/w /mnt/o';
  const overlay = 'mount -t overlay x -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/o';
  const { status, stderr, error } = spawnSync('unshare', [...APART, '--cgroup', 'sh', '-c', `${mounts} && ${overlay}`], {
    encoding: 'utf8',
  });
  if (error) return error.message;
  return status === 0 ? undefined : `no namespaces or mounts: ${stderr.trim()}`;
}

/** Boots a machine over this one's root; it ends with the test, and leaves nothing. */
export async function bootMachine(t: ExecutionContext): Promise<BootedMachine> {
  const folder = temporaryFolder(t);
  const trees = (['agent', 'collector'] as const).map((program) => {
    const target = join(folder, program);
    installTree({ repository: REPOSITORY, program, target });
    return target;
  });
  const cgroup = `farola-test-${process.pid}`;
  const words = [
    '--pdeathsig',
    'KILL',
    '--',
    'unshare',
    '--kill-child',
    ...APART,
    '/bin/sh',
    BOOT,
    folder,
    REPOSITORY,
    ...trees,
    process.execPath,
  ];
  const machine = spawn('setpriv', [...words, cgroup], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [machine.stdout, machine.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => machine.once('close', () => resolve()));
  t.teardown(async () => {
    machine.kill('SIGKILL');
    await ended;
    removeCgroup(folder, cgroup);
  });
  const inside = insideOf(machine.pid ?? 0);
  const attempt = (line: string, input = ''): Promise<Ran> => runThere(inside(), line, input);
  await until(async () => {
    if (machine.exitCode !== null) throw new Error(said);
    return inside() !== undefined && (await attempt('systemctl is-system-running')).exit === 0;
  }, 'a booted machine');
  return {
    try: attempt,
    async run(line, input) {
      const { exit, out, err } = await attempt(line, input);
      if (exit !== 0) throw new Error(`${line}: exit ${exit}: ${out}${err}`);
      return out;
    },
  };
}

/** The process of the machine that is its first, once there is one. */
function insideOf(unshare: number): () => string | undefined {
  const children = `/proc/${unshare}/task/${unshare}/children`;
  return () => (existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ')[0] || undefined : undefined);
}

function runThere(first: string | undefined, line: string, input: string): Promise<Ran> {
  const places = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
  const shell = ['/usr/bin/env', '-i', 'PATH=/usr/bin:/bin:/usr/sbin:/sbin', '/bin/sh', '-c', `cd ${HERE} && ${line}`];
  const child = spawn('nsenter', ['--target', first ?? '', ...places, ...shell]);
  child.stdin.on('error', () => undefined).end(input);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit: exit ?? -1, out, err })));
}

/** Its processes are gone; the kernel may need a moment to see that. */
function removeCgroup(folder: string, cgroup: string): void {
  const at = join(folder, 'left');
  mkdirSync(at);
  const remove = `find ${at}/${cgroup} -depth -type d -exec rmdir {} +`;
  const patient = `for try in 1 2 3 4 5 6 7 8 9 10; do ${remove} 2>/dev/null && exit 0; sleep 0.2; done; ${remove}`;
  spawnSync('unshare', ['--mount', 'sh', '-c', `mount -t cgroup2 cgroup2 ${at} && { ${patient}; }`]);
}
