import { execFile } from 'node:child_process';

/** How a program ended, and what it said on standard error. */
export interface Ended {
  readonly exit: number;
  readonly err: string;
}

/** Runs a program whose output nobody reads any more when it begins. */
export function runUnread(command: string, args: readonly string[]): Promise<Ended> {
  return bash('exec 3> >(exec true); wait $!; "$0" "$@" >&3', [command, ...args]);
}

/** Runs a program whose output a filter reads; gives how the program ended. */
export function runInto(filter: string, command: string, args: readonly string[]): Promise<Ended> {
  return bash(`"$0" "$@" | ${filter} >/dev/null; exit "\${PIPESTATUS[0]}"`, [command, ...args]);
}

function bash(script: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', script, ...args], (error, _, err) => resolve({ exit: Number(error?.code ?? 0), err }));
  });
}
