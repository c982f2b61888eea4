import { DeviceReport } from '@farola/agent/meter/identity/device-report.js';
import { noDeviceWorld } from '@farola/agent/meter/identity/device-world.js';
import { fsKnownDevices } from '@farola/agent/meter/identity/fs-known-devices.js';
import type { KnownDevices } from '@farola/agent/meter/identity/known-devices.js';
import test from 'ava';
import { profileWith } from '../../../fakes/modbus-profile.js';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';

const profile = profileWith([{ quantity: 'frequency', addr: 0, type: 'u16', scale: 1 }]);
const { log } = noDeviceWorld();
const storeLog = { ...log, debug: () => undefined, error: () => undefined } as unknown as Parameters<typeof fsKnownDevices>[1];

/** A run of the agent that begins with what is known. */
function run(known: KnownDevices, atMs: number): DeviceReport {
  const world = { ...noDeviceWorld(), known };
  return new DeviceReport({ id: 'mains', unit: 1, profile, ratios: {}, world, nowMs: () => atMs });
}

test('a setting that changed is told by the next run of the agent as well, with what it was, what it is and when', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await fsKnownDevices(folder, storeLog);
  const report = run(first, 1_000);
  report.settingsRead({ ctPrimary: '100' });
  t.deepEqual(report.settings, []);
  report.settingsRead({ ctPrimary: '250' });
  await first.written();
  const again = run(await fsKnownDevices(folder, storeLog), 9_000);
  const changed = { setting: 'ctPrimary', before: '100', now: '250', isConfigured: false, atMs: 1_000 };
  t.deepEqual(again.settings, [changed]);
  again.settingsRead({ ctPrimary: '250' });
  t.deepEqual(again.settings, [changed]);
  again.settingsRead({ ctPrimary: '300' });
  t.deepEqual(again.settings, [{ ...changed, before: '250', now: '300', atMs: 9_000 }]);
});
