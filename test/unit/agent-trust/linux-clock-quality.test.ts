import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBootId } from '@farola/agent/trust/linux-boot-id.js';
import { linuxClockQuality } from '@farola/agent/trust/linux-clock-quality.js';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** A machine whose files a test writes. */
function machine(t: ExecutionContext, askSystem = async () => false) {
  const root = temporaryFolder(t);
  const runDir = join(root, 'run/farola');
  mkdirSync(runDir, { recursive: true });
  mkdirSync(join(root, 'run/systemd/timesync'), { recursive: true });
  const timesync = join(root, 'run/systemd/timesync/synchronized');
  const touch = (ageMs: number): void => {
    writeFileSync(timesync, '');
    const at = new Date(Date.now() - ageMs);
    utimesSync(timesync, at, at);
  };
  const rtc = (hctosys: string, sinceEpoch: number): void => {
    mkdirSync(join(root, 'sys/class/rtc/rtc0'), { recursive: true });
    writeFileSync(join(root, 'sys/class/rtc/rtc0/hctosys'), `${hctosys}\n`);
    writeFileSync(join(root, 'sys/class/rtc/rtc0/since_epoch'), `${Math.floor(sinceEpoch)}\n`);
  };
  const started = () => linuxClockQuality({ runDir, root, askSystem });
  const quality = async (source = started()): Promise<string> => {
    await source.refresh();
    return source.quality();
  };
  return { started, quality, touch, rtc, timesync };
}

const HOUR_MS = 3_600_000;

test('a machine that knows nothing has a clock of quality none', async (t) => {
  t.is(await machine(t).quality(), 'none');
});

test('what systemd-timesyncd touched lately is synchronised, and later runs free', async (t) => {
  const { quality, touch } = machine(t);
  touch(HOUR_MS);
  t.is(await quality(), 'synchronised');
  touch(3 * HOUR_MS);
  t.is(await quality(), 'held');
});

test('any other NTP client is believed through the kernel, and remembered by the next process of this boot', async (t) => {
  let disciplined = true;
  const { quality } = machine(t, async () => disciplined);
  t.is(await quality(), 'synchronised');
  disciplined = false;
  t.is(await quality(), 'held');
});

test('without a folder to remember in, the process remembers', async (t) => {
  let disciplined = true;
  let now = 0;
  const askSystem = async (): Promise<boolean> => disciplined;
  const source = linuxClockQuality({ runDir: '/nonexistent', root: temporaryFolder(t), askSystem, nowMs: () => now });
  await source.refresh();
  disciplined = false;
  now = 60_000;
  await source.refresh();
  t.is(source.quality(), 'held');
});

test('a clock set from the RTC at boot is of quality rtc while the two agree', async (t) => {
  const { quality, rtc } = machine(t);
  rtc('1', Date.now() / 1_000);
  t.is(await quality(), 'rtc');
  rtc('0', Date.now() / 1_000);
  t.is(await quality(), 'none');
  rtc('1', 30);
  t.is(await quality(), 'none', 'an RTC without a battery says 1970');
});

test('synchronisation counts for more than the RTC', async (t) => {
  const { quality, rtc, touch, timesync } = machine(t);
  rtc('1', Date.now() / 1_000);
  touch(0);
  t.is(await quality(), 'synchronised');
  rmSync(timesync);
  t.is(await quality(), 'held');
});

test('the system is asked at most once a minute', async (t) => {
  let asked = 0;
  let now = 5;
  const askSystem = async (): Promise<boolean> => ++asked > 0;
  const source = linuxClockQuality({ runDir: '/nonexistent', root: temporaryFolder(t), askSystem, nowMs: () => now });
  for (; now < 60_005; now += 10_000) await source.refresh();
  t.deepEqual([asked, source.quality()], [1, 'synchronised']);
  await source.refresh();
  t.is(asked, 2);
});

test('a look never throws, even where the file cannot be looked at', async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'run/systemd'), { recursive: true });
  symlinkSync('timesync', join(root, 'run/systemd/timesync'));
  const source = linuxClockQuality({ runDir: root, root, askSystem: async () => false });
  await t.notThrowsAsync(source.refresh());
});

test('the boot id of this machine has 16 bytes and stays', (t) => {
  t.is(readBootId().length, 16);
  t.deepEqual(readBootId(), readBootId());
});
