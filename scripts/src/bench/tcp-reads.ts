import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import ModbusRTU from 'modbus-serial';
import { measured, measureLibmodbusTcp, measureReads, openClient } from './line-reads.js';
import type { ReadFigures } from './line-reads.js';
import { median } from './measure.js';

/** Questions for 60 registers over Modbus TCP, one in flight, on the loopback, each to a slave by libmodbus. */
export interface TcpFigures {
  readonly requestsPerS: number;
  readonly modbusSerialPerS: number;
  /** With a timeout, as it is asked where an analyser may be dead. */
  readonly modbusSerialTimedPerS: number;
  readonly libmodbusPerS: number;
  /** Medians over the turns of ours against each. */
  readonly ofModbusSerial: number;
  readonly ofModbusSerialTimed: number;
  readonly ofLibmodbus: number;
  /** CPU time of a question, ms. */
  readonly cpuMs: number;
  readonly modbusSerialCpuMs: number;
  readonly libmodbusCpuMs: number;
  readonly failed: number;
}

/** Many short turns: the machine is not as fast in one second as in the next. Each comes first, second, third and fourth by turns. */
const TURNS = 48;
const TIMEOUT_MS = 1_000;
const FIRST_READS = 500;

/** Measures the four by turns. @param seconds how long in all */
export async function measureTcp(slave: string, reader: string, seconds: number): Promise<TcpFigures> {
  const closing: (() => unknown)[] = [];
  const start = async (): Promise<number> => {
    const { port, close } = await startSlave(slave);
    closing.push(close);
    return port;
  };
  try {
    const ours = await openClient({ ...LINE, port: await start() }, { minGapMs: 0, timeoutMs: {} });
    closing.push(ours.close);
    const plain = await openPlain(await start(), closing);
    const timed = await openPlain(await start(), closing);
    timed.setTimeout(TIMEOUT_MS);
    const libmodbusPort = await start();
    const contestants = [
      (reads: number) => measureReads(ours.client, reads),
      (reads: number) => measured(reads, () => plain.readInputRegisters(0, 60).then(() => undefined)),
      (reads: number) => measured(reads, () => timed.readInputRegisters(0, 60).then(() => undefined)),
      (reads: number) => measureLibmodbusTcp(reader, libmodbusPort, reads),
    ];
    return figuresOf(await byTurns(contestants, seconds / TURNS / contestants.length));
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function openPlain(port: number, closing: (() => unknown)[]): Promise<InstanceType<typeof ModbusRTU.default>> {
  const client = new ModbusRTU.default();
  await client.connectTCP('127.0.0.1', { port });
  closing.push(() => client.close(() => undefined));
  client.setID(1);
  return client;
}

const LINE = {
  id: 'main',
  transport: 'modbus-tcp',
  host: '127.0.0.1',
  timeoutMs: TIMEOUT_MS,
  worstLatenessMs: 10_000,
  zeroTransactions: false,
} as const;

/** What each took in each turn. */
async function byTurns(
  contestants: readonly ((reads: number) => Promise<ReadFigures>)[],
  turnS: number,
): Promise<readonly (readonly ReadFigures[])[]> {
  const early: ReadFigures[] = [];
  for (const contestant of contestants) early.push(await contestant(FIRST_READS));
  const took: ReadFigures[][] = contestants.map(() => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (let place = 0; place < contestants.length; place++) {
      const at = (turn + place) % contestants.length;
      const reads = Math.ceil(turnS / (early[at]?.seconds ?? turnS));
      const figures = await contestants[at]?.(reads);
      if (figures) took[at]?.push(figures);
    }
  }
  return took;
}

function figuresOf([ours = [], plain = [], timed = [], libmodbus = []]: readonly (readonly ReadFigures[])[]): TcpFigures {
  const perS = (of: readonly ReadFigures[]): number => Math.round(median(of.map(({ seconds }) => 1 / seconds)));
  const cpuMs = (of: readonly ReadFigures[]): number => Number(median(of.map((one) => one.cpuMs)).toFixed(4));
  const against = (other: readonly ReadFigures[]): number =>
    Number(median(ours.map(({ seconds }, turn) => (other[turn]?.seconds ?? Number.NaN) / seconds)).toFixed(2));
  return {
    requestsPerS: perS(ours),
    modbusSerialPerS: perS(plain),
    modbusSerialTimedPerS: perS(timed),
    libmodbusPerS: perS(libmodbus),
    ofModbusSerial: against(plain),
    ofModbusSerialTimed: against(timed),
    ofLibmodbus: against(libmodbus),
    cpuMs: cpuMs(ours),
    modbusSerialCpuMs: cpuMs(plain),
    libmodbusCpuMs: cpuMs(libmodbus),
    failed: [...ours, ...plain, ...timed, ...libmodbus].reduce((sum, { failed }) => sum + failed, 0),
  };
}

async function startSlave(program: string): Promise<{ port: number; close: () => Promise<unknown> }> {
  const child = spawn(program, ['tcp', '1'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.end(Array.from({ length: 100 }, (_, address) => `${address} ${(address * 40_503 + 7) & 0xffff}\n`).join(''));
  for await (const line of createInterface(child.stdout)) {
    return {
      port: Number(line),
      close: () => {
        child.kill('SIGKILL');
        return ended;
      },
    };
  }
  throw new Error('libmodbus-slave ended before it answered');
}
