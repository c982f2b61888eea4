import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { temporaryFolder } from './temporary-folder.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const SET_UP = join(REPOSITORY, 'test', 'fakes', 'plain-machine.sh');
const APART = ['--mount', '--net', '--propagation', 'private'];
const PATH = ['/usr/lib/farola-agent/bin', '/usr/lib/farola-collector/bin', '/usr/bin:/bin:/usr/sbin:/sbin'];

/** Where the repository lies on the machine. */
export const HERE = '/opt/farola';

/** Who types a line there. */
export type User = 'root' | 'farola' | 'farola-collector';

/** What a line printed, and how it ended. */
export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** A line that runs on. */
export interface Running {
  readonly out: () => string;
  /** Ends it by a signal, as Ctrl-C does by SIGINT; gives its exit code. */
  end(signal?: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

/** A machine with the programs of both trees in its PATH, their users and folders, a network of its own, and nothing else of Farola. */
export interface PlainMachine {
  /** Where lines are typed, as this process sees it. */
  readonly work: string;
  /** Runs a line of a shell to its end. */
  run(user: User, line: string, input?: string): Promise<Ran>;
  /** Starts one; it is ended with the test. */
  start(user: User, line: string): Running;
}

/** Why this process cannot have one; undefined when it can. */
export function whyNoPlainMachine(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const lacking = ['unshare', 'nsenter', 'setpriv', 'ip', 'systemd-sysusers', 'systemd-tmpfiles'].filter((tool) => {
    return spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0;
  });
  if (lacking.length > 0) return `needs ${lacking.join(', ')}`;
  const mounts =
    'mount -t tmpfs x /mnt && mkdir /mnt/u /mnt/w /mnt/o && mount -t overlay x -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/o';
  const { status } = spawnSync('unshare', [...APART, 'sh', '-c', mounts]);
  return status === 0 ? undefined : 'needs namespaces and overlays';
}

/** Sets one up over this machine's root; it ends with the test, and leaves nothing. */
export async function plainMachine(t: ExecutionContext): Promise<PlainMachine> {
  const [folder, work] = [temporaryFolder(t), temporaryFolder(t)];
  chmodSync(work, 0o777);
  const trees = (['agent', 'collector'] as const).map((program) => {
    const target = join(folder, program);
    installTree({ repository: REPOSITORY, program, target });
    return target;
  });
  chmodSync(folder, 0o755);
  const words = [
    '--pdeathsig',
    'KILL',
    '--',
    'unshare',
    ...APART,
    '/bin/sh',
    SET_UP,
    folder,
    REPOSITORY,
    ...trees,
    work,
    process.execPath,
  ];
  const keeper = spawn('setpriv', words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const started: ChildProcess[] = [];
  t.teardown(async () => {
    const ended = [...started, keeper].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(ended.map((child) => (child.kill('SIGKILL'), once(child, 'close'))));
  });
  let said = '';
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [ready] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'close')])) as [unknown];
  if (String(ready).trim() !== 'ready' || !existsSync(join(folder, 'root'))) throw new Error(said);
  const spawnThere = (user: User, line: string): ReturnType<typeof spawnAs> => {
    const child = spawnAs(keeper.pid ?? 0, user, line);
    started.push(child.process);
    return child;
  };
  return {
    work,
    async run(user, line, input = '') {
      const { process: child, texts, closed } = spawnThere(user, line);
      child.stdin.on('error', () => undefined).end(input);
      return { exit: await closed, ...texts };
    },
    start(user, line) {
      const { process: child, texts, closed } = spawnThere(user, `exec ${line}`);
      return {
        out: () => texts.out + texts.err,
        end(signal = 'SIGTERM') {
          child.kill(signal);
          return closed;
        },
      };
    },
  };
}

/** Enters namespaces, and with them the root, by exec alone, so that a signal to the process reaches the program. */
function spawnAs(keeper: number, user: User, line: string) {
  const enter = ['--target', String(keeper), '--mount', '--net', '--no-fork'];
  const as = user === 'root' ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
  const shell = ['env', '-i', `PATH=${PATH.join(':')}`, '/bin/sh', '-c', `cd /srv/work && ${line}`];
  const child = spawn('nsenter', [...enter, ...as, ...shell]);
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  const closed = once(child, 'close').then(([exit]) => exit as number | null);
  return { process: child, texts, closed };
}
