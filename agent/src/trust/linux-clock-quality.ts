import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClockQuality } from '@farola/shared';

/**
 * Touched by systemd-timesyncd at each synchronisation, systemd-timesyncd.service(8). It polls at most 2048 s apart by
 * default (timesyncd.conf(5)), so that one of three may be missed before the clock counts as running free.
 */
const TIMESYNC_FILE = 'run/systemd/timesync/synchronized';
const TIMESYNC_FRESH_MS = 2 * 3_600_000;
/** Asking the system costs a process of its own; it is done this seldom. */
const ASK_EVERY_MS = 60_000;
const RTC = 'sys/class/rtc/rtc0';
/** A clock that was set from the RTC at boot has not moved away from it by more. */
const RTC_AGREES_S = 60;

/** Where to look, and how to ask. */
export interface ClockQualityOptions {
  /** Folder of the agent on a file system that does not survive a reboot, /run/farola. */
  readonly runDir: string;
  readonly root?: string;
  /** Whether the kernel counts the clock as disciplined, whoever does it. */
  readonly askSystem?: () => Promise<boolean>;
  /** Monotonic time, ms; that of the process when it is not told. */
  readonly nowMs?: () => number;
}

/** How this machine's wall clock can be believed. */
export interface LinuxClockQuality {
  /** Looks again; call it now and then. Never throws. */
  refresh(): Promise<void>;
  /** As the last look found it. */
  quality(): ClockQuality;
}

/** Judges the wall clock from what systemd-timesyncd, any other NTP client, and the kernel's RTC driver leave behind. */
export function linuxClockQuality(options: ClockQualityOptions): LinuxClockQuality {
  const { runDir, root = '/' } = options;
  const synchronisedFile = join(root, TIMESYNC_FILE);
  const memory = join(runDir, 'clock-was-synchronised');
  let present: ClockQuality = 'none';
  let was = false;
  const ask = seldom(options.askSystem ?? askTimedatectl, options.nowMs ?? (() => process.uptime() * 1_000));
  return {
    quality: () => present,
    async refresh() {
      const synchronised = touchedLately(synchronisedFile) ?? (await ask());
      if (synchronised && !was) remember(memory);
      was ||= synchronised || existsSync(memory) || existsSync(synchronisedFile);
      if (synchronised) present = 'synchronised';
      else if (was) present = 'held';
      else present = setFromRtc(root) ? 'rtc' : 'none';
    },
  };
}

/** Asks at most once in `ASK_EVERY_MS`; in between the last answer stands. */
function seldom(ask: () => Promise<boolean>, nowMs: () => number): () => Promise<boolean> {
  let asked: { readonly atMs: number; readonly said: boolean } | undefined;
  return async () => {
    if (!asked || nowMs() - asked.atMs >= ASK_EVERY_MS) asked = { atMs: nowMs(), said: await ask() };
    return asked.said;
  };
}

/** Whether the file was touched lately; undefined when it is not there, or went this moment. */
function touchedLately(path: string): boolean | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats && Math.abs(Date.now() - stats.mtimeMs) <= TIMESYNC_FRESH_MS;
  } catch {
    return undefined;
  }
}

function remember(memory: string): void {
  try {
    closeSync(openSync(memory, 'a'));
  } catch {
    // Without the folder the memory lasts as long as the process.
  }
}

/**
 * Whether the kernel took the time from the RTC at boot (Documentation/ABI/testing/sysfs-class-rtc, `hctosys`), and the
 * RTC still agrees: one without a battery says 1970.
 */
function setFromRtc(root: string): boolean {
  const read = (name: string): string => readFileSync(join(root, RTC, name), 'latin1').trim();
  try {
    return read('hctosys') === '1' && Math.abs(Number(read('since_epoch')) - Date.now() / 1000) <= RTC_AGREES_S;
  } catch {
    return false;
  }
}

/** timedatectl reads adjtimex(2), which chrony, ntpd and ptp4l keep as well. */
async function askTimedatectl(): Promise<boolean> {
  try {
    const ask = promisify(execFile);
    const { stdout } = await ask('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: 3_000 });
    return stdout.trim() === 'yes';
  } catch {
    return false;
  }
}
