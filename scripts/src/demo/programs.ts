import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
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

/** Runs a command of a program to its end and gives its output. Error: `internal`, with what it printed. */
export async function runProgram(name: ProgramName, args: readonly string[], input?: string): Promise<string> {
  const child = spawn(binary(name), args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.end(input ?? '');
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return out;
  throw new FarolaError('internal', { reason: `farola-${name} ${args.join(' ')}: ${err.trim() || `exit ${code}`}` });
}

/** A program that runs until it is stopped. */
export interface RunningProgram {
  /** Exit code, once it ended by itself; undefined while it runs. */
  readonly ended: () => number | undefined;
  /** Stops it in order, with SIGKILL after ten seconds. */
  stop(): Promise<void>;
}

/** Starts a program; its log goes into a file. In a process group of its own, so that Ctrl-C reaches only the demo. */
export function startProgram(name: ProgramName, args: readonly string[], logFile: string): RunningProgram {
  const child: ChildProcess = spawn(binary(name), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const closed = once(child, 'close').then(() => log.end());
  return {
    ended: () => child.exitCode ?? (child.signalCode ? 1 : undefined),
    async stop() {
      child.kill('SIGTERM');
      const hurry = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await closed;
      clearTimeout(hurry);
    },
  };
}
