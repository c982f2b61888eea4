import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REFUSED_VARIABLES } from '@farola/agent/code/refused-environment.js';
import { FarolaError } from '@farola/shared';

/** The two programs as a user runs them. */
export type ProgramName = 'agent' | 'collector';

/** A program out of the workspace, or out of an installed tree. */
export type Program = ProgramName | { readonly name: ProgramName; readonly tree: string };

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STOP_MS = 10_000;

function nameOf(program: Program): ProgramName {
  return typeof program === 'string' ? program : program.name;
}

function binary(program: Program): string {
  const folder = typeof program === 'string' ? join(ROOT, program) : program.tree;
  return join(folder, 'bin', `farola-${nameOf(program)}`);
}

/** Without what a developer's machine may have set and the agent refuses. */
function environment(): NodeJS.ProcessEnv {
  const refused: readonly string[] = REFUSED_VARIABLES;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !refused.includes(name)));
}

/** What a command printed, and how it ended. */
export interface ProgramEnd {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of a program to its end. @param input for its standard input */
export async function tryProgram(program: Program, args: readonly string[], input = ''): Promise<ProgramEnd> {
  const child = spawn(binary(program), args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: environment() });
  child.stdin.on('error', () => undefined).end(input);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, out, err };
}

/** As `tryProgram`, and gives the output of a command that ends well. Error: `internal`, with what it printed. */
export async function runProgram(program: Program, args: readonly string[], input?: string): Promise<string> {
  const { exit, out, err } = await tryProgram(program, args, input);
  if (exit === 0) return out;
  throw new FarolaError('internal', { reason: `farola-${nameOf(program)} ${args.join(' ')}: ${err.trim() || `exit ${exit}`}` });
}

/** A program that runs until it is stopped. */
export interface RunningProgram {
  readonly name: ProgramName;
  readonly pid: number;
  readonly logFile: string;
  /** Exit code, once it ended by itself; undefined while it runs. */
  readonly ended: () => number | undefined;
  /** Stops it in order, with SIGKILL after ten seconds. Resolves with its exit code; null after a signal. */
  stop(): Promise<number | null>;
  /** Ends it with SIGKILL, as a power cut does. */
  kill(): Promise<void>;
}

/** Of util-linux: has the kernel end a program when the one that started it is gone, however it went. */
const WITH_PARENT = ['/usr/bin/setpriv', '--pdeathsig', 'TERM', '--'];

/**
 * Starts a program; its log goes into a file. In a process group of its own, so that Ctrl-C reaches only the starter, and
 * ended with the starter where the machine can do that.
 * @param variables added to its environment
 */
export function startProgram(
  program: Program,
  args: readonly string[],
  logFile: string,
  variables: Readonly<Record<string, string>> = {},
): RunningProgram {
  const command = [...(existsSync(WITH_PARENT[0] as string) ? WITH_PARENT : []), binary(program), ...args];
  const child: ChildProcess = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...environment(), ...variables },
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const closed = once(child, 'close').then(() => log.end());
  return {
    name: nameOf(program),
    pid: child.pid ?? 0,
    logFile,
    ended: () => child.exitCode ?? (child.signalCode ? 1 : undefined),
    async stop() {
      child.kill('SIGTERM');
      const hurry = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await closed;
      clearTimeout(hurry);
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
