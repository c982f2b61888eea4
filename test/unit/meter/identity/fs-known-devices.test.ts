import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fsKnownDevices, KNOWN_DEVICES_FILE } from '@farola/agent/meter/identity/fs-known-devices.js';
import test from 'ava';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';

const DEVICE = {
  profileId: 'one',
  model: 'B23',
  productName: null,
  serialNumber: '4711',
  firmware: null,
  settings: { tariff: '1' },
};

function recordedLog() {
  const codes: string[] = [];
  return { codes, log: { info: () => undefined, warn: (code: string) => void codes.push(code), fail: () => undefined } };
}

test('devices are remembered across restarts', async (t) => {
  const folder = await temporaryFolder(t);
  const { log } = recordedLog();
  const known = await fsKnownDevices(folder, log);
  t.is(known.of('mains'), undefined);
  known.keep('mains', DEVICE);
  await known.written();
  t.deepEqual((await fsKnownDevices(folder, log)).of('mains'), DEVICE);
  t.is((await stat(join(folder, KNOWN_DEVICES_FILE))).mode & 0o777, 0o640);
});

test('nothing is written while nothing changes', async (t) => {
  const folder = await temporaryFolder(t);
  const known = await fsKnownDevices(folder, recordedLog().log);
  known.keep('mains', DEVICE);
  await known.written();
  await rm(join(folder, KNOWN_DEVICES_FILE));
  known.keep('mains', { ...DEVICE });
  await known.written();
  await t.throwsAsync(stat(join(folder, KNOWN_DEVICES_FILE)), { code: 'ENOENT' });
});

for (const text of ['', 'nonsense', '[]', '{"mains": 5}', '{"mains": {"profileId": "one"}}']) {
  test(`a file with ${JSON.stringify(text)} counts for nothing, and is replaced`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, KNOWN_DEVICES_FILE);
    await writeFile(path, text);
    const known = await fsKnownDevices(folder, recordedLog().log);
    t.is(known.of('mains'), undefined);
    known.keep('mains', DEVICE);
    await known.written();
    t.deepEqual(JSON.parse(await readFile(path, 'utf8')), { mains: DEVICE });
  });
}

test('a disk that takes nothing is told, and tried again with the next device', async (t) => {
  const folder = await temporaryFolder(t);
  const { codes, log } = recordedLog();
  const known = await fsKnownDevices(join(folder, 'missing'), log);
  known.keep('mains', DEVICE);
  await known.written();
  known.keep('mains', DEVICE);
  await known.written();
  t.deepEqual(codes, ['disk-failure', 'disk-failure']);
  t.deepEqual(known.of('mains'), DEVICE);
});

test('a file that cannot be read is told, and counts for nothing', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, KNOWN_DEVICES_FILE));
  const { codes, log } = recordedLog();
  const known = await fsKnownDevices(folder, log);
  t.deepEqual(codes, ['disk-failure']);
  t.is(known.of('mains'), undefined);
});
