import { runCommandLine } from '@farola/agent/cli/command-line.js';
import { exitCodeOf } from '@farola/agent/cli/exit-code.js';
import test from 'ava';

/** What a command says on standard error, and its exit code. */
async function failing(...args: string[]): Promise<{ code: number; told: string }> {
  const lines: string[] = [];
  const err = (line: string): unknown => lines.push(line);
  const signal = AbortSignal.timeout(5_000);
  const io = { out: () => undefined, err, readInput: () => Promise.resolve(''), ask: undefined, signal, debug: false };
  const code = await exitCodeOf((called) => runCommandLine(args, io, called), { err, debug: false, json: false });
  return { code, told: lines.join('\n') };
}

const NETWORK = ['--host', '127.0.0.1', '--tcp-port', '9'];
const SERIAL = ['--port', '/dev/not-there'];

/** What is typed, and what is told of it. */
const REFUSED: Record<string, [args: string[], told: RegExp]> = {
  'a unit beside an analyser': [['read', 'unit-1', '--unit', '5'], /--unit needs --port, --host or --register/],
  'a unit beside an analyser that is watched': [['watch', 'unit-1', '--unit', '5'], /--unit needs --port, --host/],
  'a unit beside an analyser that is recorded': [['record', 'x', 'unit-1', '--unit', '5'], /--unit needs --port, --host/],
  'a unit beside an analyser that is examined': [
    ['doctor', 'unit-1', '--unit', '5', '--expect', 'voltageL1=230'],
    /--unit needs --port/,
  ],
  'a baud rate of a host': [['read', ...NETWORK, '--baud', '9600'], /--baud is of a serial port.*not with --host/],
  'a baud rate of a host that is scanned': [['scan', ...NETWORK, '--baud', '9600'], /--baud is of a serial port/],
  'a TCP port of a serial port': [['read', ...SERIAL, '--tcp-port', '502'], /--tcp-port is of a line on the network/],
  'a transport of a serial port': [['scan', ...SERIAL, '--transport', 'modbus-tcp'], /--transport is of a line on the network/],
  'a baud rate of a configured line': [['read', '--baud', '9600'], /--baud needs --port; of a configured line/],
  'stop bits of a configured line that is scanned': [['scan', '--stop-bits', '2'], /--stop-bits needs --port/],
  'a TCP port alone': [['read', '--tcp-port', '502'], /--tcp-port needs --host/],
  'a configured line beside a port': [
    ['read', ...SERIAL, '--line', 'bus'],
    /--line names a configured line, and --port describes/,
  ],
  'a count without registers': [['read', ...NETWORK, '--count', '4'], /--count needs --register/],
  'a function without registers': [['read', ...NETWORK, '--function', '4'], /--function needs --register/],
  'a profile of raw registers': [['read', ...NETWORK, '--register', '0', '--unit', '1', '--profile', 'x'], /leave out --profile/],
  'an analyser of raw registers': [
    ['doctor', 'main', '--register', '0', '--unit', '1', '--expect', 'voltageL1=230'],
    /--register searches a --unit, and no analyser/,
  ],
  'a simulated meter at a serial and a TCP port': [
    ['simulate', 'eastron-sdm630', ...SERIAL, '--tcp-port', '5020'],
    /--tcp-port is of a line on the network: it goes with --host, not with --port/,
  ],
  'a simulated meter on TCP with a baud rate': [
    ['simulate', 'eastron-sdm630', '--tcp-port', '0', '--baud', '9600'],
    /--baud is of a serial port: it goes with --port, not with --tcp-port/,
  ],
  'a baud rate of a pseudo-terminal': [
    ['simulate', 'eastron-sdm630', '--baud', '9600'],
    /--baud is of a serial port: it needs --port/,
  ],
  'each so many-th of nothing': [['simulate', 'eastron-sdm630', '--every', '3'], /--every needs --exception or --late/],
  'transaction 0 of RTU': [
    ['read', ...NETWORK, '--unit', '1', '--profile', 'eastron-sdm630', '--zero-transactions'],
    /--zero-transactions needs --transport modbus-tcp/,
  ],
};

for (const [what, [args, words]] of Object.entries(REFUSED)) {
  test(`refuses ${what}, by one error`, async (t) => {
    const { code, told } = await failing('meter', ...args);
    t.is(code, 64, told);
    t.regex(told, /^error: [^\n]+\nhint: see --help$/);
    t.regex(told, words);
  });
}

/** A value that cannot be, and how it is told. */
const VALUES: Record<string, [args: string[], told: string]> = {
  'a baud rate that is no number': [[...SERIAL, '--baud', 'fast'], '--baud is not a number; it is `fast`'],
  'a baud rate that is too low': [[...SERIAL, '--baud', '9'], '--baud is less than 300; it is `9`'],
  'a parity that is none': [[...SERIAL, '--parity', 'mark'], '--parity is none of `none`, `even` and `odd`; it is `mark`'],
  'stop bits that are none': [[...SERIAL, '--stop-bits', '3'], '--stop-bits is none of `1` and `2`; it is `3`'],
  'a path that is not absolute': [['--port', 'ttyUSB0'], '--port is not an absolute path; it is `ttyUSB0`'],
  'a host that is empty': [['--host', '', '--tcp-port', '9'], '--host has fewer than 1 character; it is ``'],
  'a host without its port': [['--host', '127.0.0.1'], '--tcp-port is missing'],
  'a TCP port beyond all': [['--host', '127.0.0.1', '--tcp-port', '70000'], '--tcp-port is more than 65535; it is `70000`'],
  'a timeout that is too short': [[...SERIAL, '--timeout-ms', '1'], '--timeout-ms is less than 50; it is `1`'],
  'a transport that is none': [[...NETWORK, '--transport', 'rtu'], '--transport: `rtu` is neither rtu-over-tcp nor modbus-tcp'],
};

for (const [what, [args, words]] of Object.entries(VALUES)) {
  test(`says of ${what} which option it is, in plain words`, async (t) => {
    const { code, told } = await failing('meter', 'read', ...args, '--unit', '1', '--profile', 'eastron-sdm630');
    t.is(code, 64, told);
    t.is(told, `error: ${words}\nhint: see --help`);
  });
}
