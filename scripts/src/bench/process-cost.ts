import { readFileSync } from 'node:fs';

/** Length of a tick in /proc/PID/stat: `sysconf(_SC_CLK_TCK)` is 100 on every Linux that we run on. */
const TICK_MS = 10;

/** CPU time, user and system, of a process and of its children that ended, ms (proc_pid_stat(5)). */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name of the program, in brackets, may hold blanks; what follows begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
}

/** Resident memory of a process, MB of a million bytes (proc_pid_status(5)). */
export function rssMbOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return (Number(kib) * 1_024) / 1_000_000;
}
