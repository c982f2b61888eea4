import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serialportTransport } from '@farola/agent/meter/line/serialport-transport.js';
import type { SerialSettings } from '@farola/agent/meter/line/serialport-transport.js';
import bindings from '@serialport/bindings-cpp';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { startHeldPty } from '../../fakes/modbus-foreign-slave.js';

const run = promisify(execFile);
const SILENT = { onBytes: () => undefined, onLate: () => undefined, onLost: () => undefined };
const USUAL = { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 } as const;

/** Opens a terminal as a line of these settings, and says in the words of stty(1) how it is set meanwhile. */
async function termiosOf(t: ExecutionContext, settings: Partial<SerialSettings>): Promise<Set<string>> {
  const path = await startHeldPty(t, 'pty,raw,echo=0');
  const transport = serialportTransport({ line: 'main', ...USUAL, ...settings, path });
  await transport.open(SILENT);
  const { stdout } = await run('stty', ['-a', '-F', path]);
  await transport.close();
  return new Set(stdout.replace(/^speed (\d+) baud;/, 'speed-$1').split(/\s+/));
}

for (const baud of [1_200, 9_600, 19_200, 115_200]) {
  for (const stopBits of [1, 2] as const) {
    test(`a port is opened at ${baud} baud with ${stopBits} stop bits`, async (t) => {
      const termios = await termiosOf(t, { baud, stopBits });
      t.true(termios.has(`speed-${baud}`), [...termios].join(' '));
      t.true(termios.has(stopBits === 2 ? 'cstopb' : '-cstopb'), [...termios].join(' '));
    });
  }
}

// A pseudo-terminal of Linux takes neither PARENB nor CS7 (pty_set_termios, drivers/tty/pty.c); of the parity it keeps PARODD.
test('a port of odd parity is opened as that', async (t) => {
  t.true((await termiosOf(t, { parity: 'odd' })).has('parodd'));
  t.true((await termiosOf(t, { parity: 'even' })).has('-parodd'));
});

test.serial('what a terminal does not keep is handed to serialport as it was set', async (t) => {
  const { LinuxBinding } = bindings;
  const opened: object[] = [];
  const open = LinuxBinding.open.bind(LinuxBinding);
  LinuxBinding.open = (options) => {
    opened.push(options);
    return open(options);
  };
  t.teardown(() => (LinuxBinding.open = open));
  const asked: Omit<SerialSettings, 'path'>[] = [];
  for (const parity of ['none', 'even', 'odd'] as const)
    for (const dataBits of [7, 8] as const) asked.push({ baud: 9_600, parity, dataBits, stopBits: 1 });
  for (const settings of asked) await termiosOf(t, settings);
  t.is(opened.length, asked.length);
  asked.forEach(({ baud: baudRate, ...set }, at) => t.like(opened[at], { baudRate, ...set, lock: true }));
});
