import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FarolaError } from '@farola/shared';

/** The two programs as a user runs them. */
export type ProgramName = 'agent' | 'collector';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STOP_MS = 10_000;

function binary(name: ProgramName): string {
  return join(ROOT, name, 'bin', `farola-${name}`);
}

/** What a command printed, and how it ended. */
export interface ProgramEnd {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of a program to its end. @param input for its standard input */
export async function tryProgram(name: ProgramName, args: readonly string[], input = ''): Promise<ProgramEnd> {
  const child = spawn(binary(name), args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.on('error', () => undefined).end(input);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, out, err };
}

/** As `tryProgram`, and gives the output of a command that ends well. Error: `internal`, with what it printed. */
export async function runProgram(name: ProgramName, args: readonly string[], input?: string): Promise<string> {
  const { exit, out, err } = await tryProgram(name, args, input);
  if (exit === 0) return out;
  throw new FarolaError('internal', { reason: `farola-${name} ${args.join(' ')}: ${err.trim() || `exit ${exit}`}` });
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
 */
export function startProgram(name: ProgramName, args: readonly string[], logFile: string): RunningProgram {
  const command = [...(existsSync(WITH_PARENT[0] as string) ? WITH_PARENT : []), binary(name), ...args];
  const child: ChildProcess = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const closed = once(child, 'close').then(() => log.end());
  return {
    name,
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
