import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LineConfig } from '@farola/agent/config.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { LineArbiter } from '@farola/agent/meter/line/line-arbiter.js';
import { timingOf, unitTimingOf } from '@farola/agent/meter/line/line-timing.js';
import type { RegisterClient } from '@farola/agent/meter/line/register-client.js';
import type { Block } from '@farola/agent/meter/plan/block.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { systemTimers } from '@farola/shared';

/** What the reads of unit 1 took, each of 60 input registers. */
export interface ReadFigures {
  readonly reads: number;
  readonly failed: number;
  /** How long one took, s. */
  readonly seconds: number;
  /** User and system time of one, all threads, ms. */
  readonly cpuMs: number;
}

const UNIT = 1;
const REGISTERS = 60;
/** Reads before those that are counted. libmodbus-reader.c has as many. */
const EARLY = 10;

const run = promisify(execFile);

/** A line of the agent that is asked without a plan. */
export async function openClient(
  line: LineConfig,
  profile: Pick<Profile, 'minGapMs' | 'timeoutMs'>,
): Promise<{ client: RegisterClient; close: () => Promise<void> }> {
  const { transportOf, clientOf, nowMs } = await lineAdapters();
  const units = new Map([[UNIT, unitTimingOf(line, profile)]]);
  const transport = transportOf(line);
  const arbiter = new LineArbiter({ line: line.id, transport, nowMs, timers: systemTimers, timing: timingOf(line), units });
  return { client: clientOf(arbiter), close: () => arbiter.close() };
}

/** Asks unit 1 for each of these blocks. Errors: those of the line. */
export async function readBlocks(client: RegisterClient, blocks: readonly Block[]): Promise<void> {
  for (const { functionCode, address, count } of blocks) {
    await client.read({ analyser: 'bench', unit: UNIT, functionCode, address, count });
  }
}

/** Reads by the agent's own line. */
export async function measureReads(client: RegisterClient, reads: number): Promise<ReadFigures> {
  return measured(reads, () =>
    client.read({ analyser: 'bench', unit: UNIT, functionCode: 4, address: 0, count: REGISTERS }).then(() => undefined),
  );
}

/** Measures reads one after the other in this process; those that fail are counted. */
export async function measured(reads: number, read: () => Promise<void>): Promise<ReadFigures> {
  for (let early = 0; early < EARLY; early++) await read();
  let failed = 0;
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  for (let done = 0; done < reads; done++) await read().catch(() => failed++);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { reads, failed, seconds: (performance.now() - began) / 1_000 / reads, cpuMs: (user + system) / 1_000 / reads };
}

/** The same reads by libmodbus on a serial line, with so much silence before each. @param reader libmodbus-reader.c, compiled */
export function measureLibmodbus(reader: string, path: string, baud: number, gapMs: number, reads: number): Promise<ReadFigures> {
  return runReader(reader, ['rtu', path, baud, Math.round(gapMs * 1_000)], reads);
}

/** The same reads by libmodbus over Modbus TCP, from a port of this machine. */
export function measureLibmodbusTcp(reader: string, port: number, reads: number): Promise<ReadFigures> {
  return runReader(reader, ['tcp', port, 0, 0], reads);
}

async function runReader(reader: string, where: readonly (string | number)[], reads: number): Promise<ReadFigures> {
  const { stdout } = await run(reader, [...where, UNIT, REGISTERS, reads].map(String));
  const said = JSON.parse(stdout) as { failed: number; seconds: number; cpuMs: number };
  return { reads, failed: said.failed, seconds: said.seconds / reads, cpuMs: said.cpuMs / reads };
}
