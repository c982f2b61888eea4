import { spawn } from 'node:child_process';

/** How a program is started. */
export interface Program {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `shown`: goes where ours goes. `kept`: is returned at the end. */
  readonly output: 'shown' | 'kept';
  /** After so many milliseconds the program and what it started is killed. */
  readonly limitMs: number;
}

/** How a program ended. */
export interface Ended {
  /** Exit code; undefined after a signal. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly timedOut: boolean;
  /** Standard output and error, in the order they came; empty where they were shown. */
  readonly output: string;
}

/** Runs a program to its end, without standard input. A program that cannot be started ends with code 127. */
export function runProgram(program: Program): Promise<Ended> {
  return new Promise((resolve) => {
    const stream = program.output === 'shown' ? 'inherit' : 'pipe';
    const child = spawn(program.command, program.arguments, {
      cwd: program.folder,
      env: { ...process.env, ...program.environment },
      stdio: ['ignore', stream, stream],
      // A group of its own, so that a run that hangs is ended whole.
      detached: true,
    });
    const chunks: Buffer[] = [];
    let timedOut = false;

    function killGroup(signal: NodeJS.Signals): void {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // Nothing of the group is left.
      }
    }
    const limit = setTimeout(() => {
      timedOut = true;
      killGroup('SIGKILL');
    }, program.limitMs);
    const interrupt = (signal: NodeJS.Signals): void => {
      killGroup(signal);
      process.exitCode = 130;
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

    function end(ended: Ended): void {
      clearTimeout(limit);
      process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
      resolve(ended);
    }

    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => {
      end({ code: 127, signal: undefined, timedOut, output: `${program.command}: ${error.message}\n` });
    });
    child.once('close', (code, signal) => {
      end({ code: code ?? undefined, signal: signal ?? undefined, timedOut, output: Buffer.concat(chunks).toString() });
    });
  });
}
