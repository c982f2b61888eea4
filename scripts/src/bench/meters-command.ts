import { textTable } from '@farola/shared';
import type { Command } from 'commander';
import type { LineCaseFigures } from './line-case.js';
import { benchMeters } from './meters-bench.js';
import type { TcpFigures } from './tcp-reads.js';
import { wholeNumber } from './whole-number.js';

interface MetersCommandOptions {
  readonly baud: string;
  readonly latency: string;
  readonly passes: string;
  readonly reads: string;
  readonly seconds: string;
  readonly json?: boolean;
}

const right = (title: string) => ({ title, align: 'right' }) as const;

const CASE_COLUMNS = [
  right('baud'),
  right('latency'),
  right('pass'),
  right('of limit'),
  right('one by one'),
  right('neighbours'),
  right('own gap: pass'),
  right('of limit'),
  right('ring: pass'),
  right('of limit'),
  right('CPU/read'),
  right('libmodbus'),
  right('ratio'),
  right('least gap'),
  right('too short'),
  right('failed'),
];

const TCP_COLUMNS = [{ title: 'Modbus TCP' }, right('requests/s'), right('ours to it'), right('CPU/request')];

/** Gives scripts/bench its command `meters`. */
export function addMetersCommand(program: Command): void {
  program
    .command('meters')
    .description(
      'the line of the meters: passes over simulated analysers at the speed of a real line, CPU, and Modbus TCP, against libmodbus and modbus-serial',
    )
    .option('--baud <list>', 'baud rates of the lines', '9600,19200')
    .option('--latency <list>', 'what the slaves take to answer, ms', '5,20,40')
    .option('--passes <number>', 'passes that are counted on each line', '5')
    .option('--reads <number>', 'reads of 60 registers whose CPU time is counted on each line', '60')
    .option('--seconds <number>', 'how long requests over Modbus TCP are measured', '27')
    .option('--json', 'one JSON object')
    .action(printMeters);
}

async function printMeters(options: MetersCommandOptions): Promise<void> {
  const wish = {
    bauds: numbers('--baud', options.baud),
    latenciesMs: numbers('--latency', options.latency),
    passes: wholeNumber('--passes', options.passes),
    reads: wholeNumber('--reads', options.reads),
    tcpSeconds: wholeNumber('--seconds', options.seconds),
  };
  const figures = await benchMeters(wish, (what) => process.stderr.write(`bench: ${what} ...\n`));
  const tables = (): string[] => [
    ...textTable(CASE_COLUMNS, figures.cases.map(toCaseRow)),
    '',
    ...textTable(TCP_COLUMNS, tcpRows(figures.tcp)),
  ];
  process.stdout.write((options.json ? JSON.stringify(figures) : tables().join('\n')) + '\n');
}

function numbers(option: string, list: string): number[] {
  return list.split(',').map((text) => wholeNumber(option, text));
}

function toCaseRow(of: LineCaseFigures): string[] {
  return [
    String(of.baud),
    `${of.latencyMs} ms`,
    `${of.passS} s`,
    percent(of.shareOfLimit),
    `${of.oneByOneS} s`,
    `${of.adjacentS} s`,
    `${of.profileGap.passS} s`,
    percent(of.profileGap.shareOfLimit),
    `${of.ring.passS} s`,
    percent(of.ring.shareOfLimit),
    `${of.cpuMsPerRead} ms`,
    `${of.libmodbusCpuMsPerRead} ms`,
    of.cpuRatio.toFixed(2),
    `${of.gaps.leastGapMs.toFixed(2)} of ${of.gaps.askedForMs.toFixed(2)} ms`,
    `${of.gaps.shorter} of ${of.gaps.questions}`,
    String(of.failed),
  ];
}

function tcpRows(of: TcpFigures): string[][] {
  return [
    ['agent', String(of.requestsPerS), '', `${of.cpuMs} ms`],
    ['modbus-serial', String(of.modbusSerialPerS), of.ofModbusSerial.toFixed(2), `${of.modbusSerialCpuMs} ms`],
    ['modbus-serial with a timeout', String(of.modbusSerialTimedPerS), of.ofModbusSerialTimed.toFixed(2), ''],
    ['libmodbus', String(of.libmodbusPerS), of.ofLibmodbus.toFixed(2), `${of.libmodbusCpuMs} ms`],
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
