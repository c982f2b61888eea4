import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compileC, whyNoLibmodbus } from '#scripts/libmodbus/compile-c.js';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from './modbus-bench.js';

/** Why there is no slave by libmodbus here; undefined when there is one. */
export const whyNoSlave = await whyNoLibmodbus();

/** Registers by address. */
export type RegisterMap = ReadonlyMap<number, number>;

const UNIT = '1';

/** Starts a slave by libmodbus, unit 1, that answers Modbus TCP on a free port; or, where it is given, RTU on a terminal. */
export async function startLibmodbusSlave(t: ExecutionContext, registers: RegisterMap, terminal?: string): Promise<number> {
  const program = await compileC('libmodbus/libmodbus-slave', await temporaryFolder(t));
  const child = spawn(program, terminal === undefined ? ['tcp', UNIT] : ['rtu', terminal, UNIT, '115200'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.teardown(() => {
    child.kill('SIGKILL');
    return ended;
  });
  child.stdin.end([...registers].map(([address, value]) => `${address} ${value}\n`).join(''));
  for await (const line of createInterface(child.stdout)) return Number(line);
  throw new Error('libmodbus-slave ended before it answered');
}
