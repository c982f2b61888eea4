import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { pause, systemTimers } from '@farola/shared';
import { startLibmodbusSlave, whyNoSlave } from './libmodbus-slave.js';
import type { RegisterMap } from './libmodbus-slave.js';
import { temporaryFolder } from './modbus-bench.js';
import { startForeignSlave, startHeldPty } from './modbus-foreign-slave.js';
import type { Framing, RelayedSlave } from './unruly-relay.js';

/** A slave that was written by others, and the ways to reach it. */
export interface SlaveMaker {
  readonly name: string;
  /** Why there is none here. */
  readonly missing: string | undefined;
  /** Starts it as unit 1 and joins it to a stream of bytes. */
  readonly start: (t: ExecutionContext, registers: RegisterMap, framing: Framing) => Promise<RelayedSlave>;
  /** Starts it as unit 1, and answers with the port of Modbus TCP. */
  readonly startTcp: (t: ExecutionContext, registers: RegisterMap) => Promise<number>;
  /** Starts it as unit 1 that speaks RTU, and answers with the path of a terminal. */
  readonly startTerminal: (t: ExecutionContext, registers: RegisterMap) => Promise<string>;
}

/** The slave of Debian's python3-pymodbus. */
const PYMODBUS: SlaveMaker = {
  name: 'pymodbus',
  missing: undefined,
  start: async (t, registers, framing) => joinedTo(t, await pymodbusPort(t, registers, framing)),
  startTcp: (t, registers) => pymodbusPort(t, registers, 'tcp'),
  startTerminal: async (t, registers) => startHeldPty(t, `tcp:127.0.0.1:${await pymodbusPort(t, registers, 'rtu')}`),
};

/** A slave of Debian's libmodbus, compiled here. It speaks RTU on a terminal only. */
const LIBMODBUS: SlaveMaker = {
  name: 'libmodbus',
  missing: whyNoSlave,
  start: async (t, registers, framing) => {
    if (framing === 'tcp') return joinedTo(t, await startLibmodbusSlave(t, registers));
    const path = join(await temporaryFolder(t), 'slave');
    const socat = spawn('socat', ['stdio', `pty,raw,echo=0,link=${path}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(socat, 'exit');
    t.teardown(() => {
      socat.kill('SIGKILL');
      return ended;
    });
    await appears(path);
    await startLibmodbusSlave(t, registers, path);
    return { write: (bytes) => void socat.stdin.write(bytes), onBytes: (take) => void socat.stdout.on('data', take) };
  },
  startTcp: (t, registers) => startLibmodbusSlave(t, registers),
  startTerminal: async (t, registers) => {
    const other = join(await temporaryFolder(t), 'slave');
    const path = await startHeldPty(t, `pty,raw,echo=0,link=${other}`);
    await appears(other);
    await startLibmodbusSlave(t, registers, other);
    return path;
  },
};

/** The slaves that others wrote. */
export const FOREIGN_SLAVES: readonly SlaveMaker[] = [PYMODBUS, LIBMODBUS];

async function pymodbusPort(t: ExecutionContext, registers: RegisterMap, framing: Framing): Promise<number> {
  const facts = [...registers].map(([addr, value]) => ({ addr, type: 'u16' as const, value }));
  return (await startForeignSlave(t, { 1: facts }, 0, framing)).port;
}

async function joinedTo(t: ExecutionContext, port: number): Promise<RelayedSlave> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return { write: (bytes) => void socket.write(bytes), onBytes: (take) => void socket.on('data', take) };
}

async function appears(path: string): Promise<void> {
  const isThere = (): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  while (!(await isThere())) await pause(systemTimers, 10);
}
