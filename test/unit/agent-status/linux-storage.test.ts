import { mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { healthOf } from '@farola/agent/status/linux-health.js';
import { linuxStorage } from '@farola/agent/status/linux-storage.js';
import { HEALTH } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { breakingDiskTest } from '../../fakes/disk-test.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { breakingDisk } from '../../fakes/tiny-disk.js';

/** A sysfs in which the folder lies on this partition of a disk with these attributes; through an encrypted volume when one is named. */
function sysfs(t: ExecutionContext, lifeTime: string | undefined, { errors = '0', mapped = false } = {}) {
  const folder = temporaryFolder(t);
  const sys = join(realpathSync(temporaryFolder(t)), 'sys');
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(sys, path)), { recursive: true });
    writeFileSync(join(sys, path), text);
  };
  const partition = 'devices/mmc0/block/mmcblk0/mmcblk0p2';
  put(`${partition}/partition`, '2\n');
  if (lifeTime !== undefined) put('devices/mmc0/block/mmcblk0/device/life_time', lifeTime);
  const device = mapped ? 'devices/virtual/block/dm-0' : partition;
  if (mapped) {
    mkdirSync(join(sys, device, 'slaves'), { recursive: true });
    symlinkSync(join(sys, partition), join(sys, device, 'slaves/mmcblk0p2'));
  }
  put(`fs/ext4/${mapped ? 'dm-0' : 'mmcblk0p2'}/errors_count`, `${errors}\n`);
  mkdirSync(join(sys, 'dev/block'), { recursive: true });
  const { dev } = statSync(folder);
  symlinkSync(join(sys, device), join(sys, 'dev/block', `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`));
  return { folder, sys };
}

for (const [text, percent] of [
  ['0x01 0x01\n', 10],
  ['0x02 0x09\n', 90],
  ['0x0b 0x01\n', 110],
  ['0x00 0x00\n', undefined],
  ['broken\n', undefined],
  [undefined, undefined],
] as const) {
  test(`life_time ${JSON.stringify(text)} is ${percent} percent`, (t) => {
    const { folder, sys } = sysfs(t, text);
    t.is(linuxStorage(folder, sys).lifePercent, percent);
  });
}

test('an encrypted volume tells the life of what it lies on, and its own errors', (t) => {
  const { folder, sys } = sysfs(t, '0x03 0x02\n', { errors: '17', mapped: true });
  const { lifePercent, fileSystemErrors, readOnly, freeBytes } = linuxStorage(folder, sys);
  t.deepEqual([lifePercent, fileSystemErrors, readOnly], [30, 17, false]);
  t.true((freeBytes ?? 0) > 0);
});

test('a folder that is not there tells nothing, and throws nothing', (t) => {
  t.deepEqual(linuxStorage(join(temporaryFolder(t), 'none')), {
    freeBytes: undefined,
    readOnly: undefined,
    lifePercent: undefined,
    fileSystemErrors: undefined,
  });
});

breakingDiskTest('an ext4 that the kernel made read-only after a fault is told in the health of the next answer', (t) => {
  const disk = breakingDisk(t, 16);
  const health = healthOf(disk.folder, { size: () => ({ backlog: 3, bytes: 4096, acknowledged: 0 }) }, new FakeTime(0));
  const before = health();
  t.deepEqual([before.get(HEALTH.readOnly), before.get(HEALTH.fileSystemErrors), before.get(HEALTH.backlog)], [0, 0, 3]);
  disk.break();
  const after = health();
  t.is(after.get(HEALTH.readOnly), 1);
  t.true((after.get(HEALTH.diskFreeBytes) ?? 0) > 0);
});
