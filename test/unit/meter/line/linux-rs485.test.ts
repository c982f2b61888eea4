import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TIOCSRS485, rs485Words, setRs485 } from '@farola/agent/meter/line/linux-rs485.js';
import { serialportTransport } from '@farola/agent/meter/line/serialport-transport.js';
import type { FarolaError } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';
import { startPty } from '../../../fakes/modbus-foreign-slave.js';

/** What the kernel's own header says of the same settings, by its C compiler. */
const C = `
#include <linux/serial.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
int main(void) {
  struct serial_rs485 s;
  memset(&s, 0, sizeof s);
  s.flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND;
  s.delay_rts_before_send = 1;
  s.delay_rts_after_send = 2;
  for (unsigned i = 0; i < sizeof s / 4; i++) printf("%u ", ((unsigned *)&s)[i]);
  s.flags = SER_RS485_ENABLED | SER_RS485_RTS_AFTER_SEND;
  printf("%u %u", s.flags, TIOCSRS485);
  return 0;
}`;

test('the settings are those of the kernel header', async (t) => {
  const program = join(await temporaryFolder(t), 'rs485');
  execFileSync('cc', ['-x', 'c', '-o', program, '-'], { input: C });
  const said = execFileSync(program, { encoding: 'utf8' }).split(' ').map(Number);
  const low = rs485Words({ rtsOnSend: 'low', beforeMs: 0, afterMs: 0 })[0];
  t.deepEqual([...rs485Words({ rtsOnSend: 'high', beforeMs: 1, afterMs: 2 }), low, TIOCSRS485], said);
});

test('a driver that does not switch the direction is told by name', async (t) => {
  const path = join(await temporaryFolder(t), 'tty');
  await startPty(t, path);
  const error = await t.throwsAsync<FarolaError>(setRs485(path, { rtsOnSend: 'high', beforeMs: 0, afterMs: 0 }));
  t.is(error.code, 'direction-refused');
  t.like(error.facts, { path, reason: 'Inappropriate ioctl for device' });
});

test('a line that is to be switched by a driver that cannot is not opened, is told with what to do, and is tried again', async (t) => {
  const path = join(await temporaryFolder(t), 'tty');
  await startPty(t, path);
  const settings = { line: 'main', path, baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 } as const;
  const rs485 = { rtsOnSend: 'high', beforeMs: 0, afterMs: 0 } as const;
  const events = { onBytes: () => undefined, onLate: () => undefined, onLost: () => t.fail('it was never open') };
  const switched = serialportTransport({ ...settings, rs485 });
  for (let turn = 0; turn < 2; turn++) {
    const error = await t.throwsAsync<FarolaError>(switched.open(events));
    t.is(error.code, 'direction-refused');
    t.like(error.facts, { path });
    t.regex(error.hint ?? '', /rs485/);
  }
  const plain = serialportTransport(settings);
  await plain.open(events);
  await plain.close();
  t.pass('it left the port free');
});
