import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { compileC } from '../libmodbus/compile-c.js';
import { measureLine } from './line-case.js';
import type { LineCaseFigures } from './line-case.js';
import { measureTcp } from './tcp-reads.js';
import type { TcpFigures } from './tcp-reads.js';

/** What is measured. */
export interface MetersOptions {
  readonly bauds: readonly number[];
  readonly latenciesMs: readonly number[];
  readonly passes: number;
  readonly reads: number;
  /** How long questions over TCP are measured, s. */
  readonly tcpSeconds: number;
}

/** What was measured: a case for each baud rate and latency, and Modbus TCP. */
export interface MetersFigures {
  readonly cases: readonly LineCaseFigures[];
  readonly tcp: TcpFigures;
}

/**
 * Measures the agent's lines against what the wire allows, and against libmodbus and modbus-serial.
 * @param onCase told before each case
 * @throws FarolaError `usage` when a compiler or libmodbus are missing
 */
export async function benchMeters(options: MetersOptions, onCase: (what: string) => void): Promise<MetersFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-bench-meters-'));
  try {
    const pacedLine = await compileC('bench/paced-line', folder);
    const libmodbusReader = await compileC('libmodbus/libmodbus-reader', folder);
    const libmodbusSlave = await compileC('libmodbus/libmodbus-slave', folder);
    const { profiles } = await readProfiles([SHIPPED_PROFILES]);
    const { passes, reads } = options;
    const cases: LineCaseFigures[] = [];
    for (const baud of options.bauds) {
      for (const latencyMs of options.latenciesMs) {
        onCase(`${baud} baud, ${latencyMs} ms`);
        cases.push(await measureLine({ baud, latencyMs, passes, reads, profiles, pacedLine, libmodbusReader }));
      }
    }
    onCase('Modbus TCP');
    return { cases, tcp: await measureTcp(libmodbusSlave, libmodbusReader, options.tcpSeconds) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
