import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TIOCSRS485, rs485Words, setRs485 } from '@farola/agent/meter/line/linux-rs485.js';
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
