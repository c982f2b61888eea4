import { serialError } from '@farola/agent/meter/line/serialport-transport.js';
import test from 'ava';

// Texts of @serialport/bindings-cpp 13.0.0 on Linux, as its serialport_unix.cpp puts them together.
const TEXTS = {
  'Error: Permission denied, cannot open /dev/ttyUSB0': 'permission-denied',
  'Error: No such file or directory, cannot open /dev/ttyUSB0': 'line-unavailable',
  'Error: Device or resource busy, cannot open /dev/ttyUSB0': 'port-in-use',
  'Error Resource temporarily unavailable Cannot lock port': 'port-in-use',
  'Error: Inappropriate ioctl for device, cannot get /dev/ttyUSB0': 'line-unavailable',
} as const;

for (const [text, code] of Object.entries(TEXTS)) {
  test(`takes \`${text}\` for ${code}`, (t) => {
    const error = serialError(new Error(text), 'main', '/dev/ttyUSB0');
    t.is(error.code, code);
    t.is(error.facts['path'], '/dev/ttyUSB0');
    t.truthy(error.hint);
  });
}

test('tells how a user gets at a port', (t) => {
  const error = serialError(new Error('Error: Permission denied, cannot open /dev/ttyUSB0'), 'main', '/dev/ttyUSB0');
  t.regex(error.hint ?? '', /dialout/);
});
