import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pause, systemTimers } from '@farola/shared';
import type { ExecutionContext } from 'ava';

const SCRIPT = fileURLToPath(new URL('../../fakes/pymodbus_slave.py', import.meta.url));
/** Debian's own Python, which has the package python3-pymodbus; another one can be named for the test. */
export const PYTHON = process.env['FAROLA_TEST_PYTHON'] ?? '/usr/bin/python3';

/** One number in a slave: what stands in its registers, not what it means. */
export interface SlaveFact {
  readonly addr: number;
  readonly type: 'u16' | 's16' | 'u32' | 's32' | 'u64' | 's64' | 'float32' | 'float64';
  /** JSON has no NaN: it goes as text. */
  readonly value: number | 'nan';
}

/** A process that answers Modbus and was written by others. */
export interface ForeignSlave {
  readonly port: number;
  /** Kills it, as a power cut does. */
  kill(): Promise<void>;
}

/** Starts pymodbus as a slave that speaks RTU over TCP, or Modbus TCP, with the registers of some units. */
export async function startForeignSlave(
  t: ExecutionContext,
  units: Readonly<Record<number, readonly SlaveFact[]>>,
  port = 0,
  framing: 'rtu' | 'tcp' = 'rtu',
): Promise<ForeignSlave> {
  const child = spawn(PYTHON, [SCRIPT, String(port), framing], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.teardown(() => killed(child));
  child.stdin.end(JSON.stringify({ units }));
  for await (const line of createInterface(child.stdout)) {
    return { port: Number(line), kill: () => killed(child) };
  }
  throw new Error(`${PYTHON} ${SCRIPT} ended before it listened`);
}

/**
 * Joins a pseudo-terminal at `path` to something else with socat; answers when the terminal is there.
 * @param other address of the other end, see socat(1); a second terminal where nobody answers when not given
 */
export async function startPty(t: ExecutionContext, path: string, other = 'pty,raw,echo=0'): Promise<{ kill(): Promise<void> }> {
  const child = spawn('socat', [`pty,raw,echo=0,link=${path}`, other], { stdio: 'ignore' });
  t.teardown(() => killed(child));
  while (child.exitCode === null && !(await exists(path))) await pause(systemTimers, 10);
  return { kill: () => killed(child) };
}

/**
 * The same at a path of its own, in a folder that goes with the test. It is held open: a terminal that nobody has open is hung up,
 * which one that is opened anew shall not be.
 */
export async function startHeldPty(t: ExecutionContext, other: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-pty-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'tty');
  await startPty(t, path, other);
  const holder = await open(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  t.teardown(() => holder.close());
  return path;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
