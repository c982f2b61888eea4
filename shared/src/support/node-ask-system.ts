import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, freemem, loadavg, release, totalmem, uptime } from 'node:os';
import { promisify } from 'node:util';
import { FarolaError } from '../errors.js';
import { errnoOf } from '../fs-failure.js';
import { type SupportLog, supportLog } from './log-lines.js';

const WITHIN_MS = 15_000;
const MOST_BYTES = 8_000_000;
/** Newest lines that are asked of the journal. */
const LOG_LINES = 2_000;
/** What timedatectl(1) says that is of use. */
const CLOCK = /^(Timezone|LocalRTC|CanNTP|NTP|NTPSynchronized|TimeUSec|RTCTimeUSec)=(.*)$/;
/** What `systemctl show` says of a unit that is of use: none of it is what the program itself wrote. */
const UNIT_PROPERTIES = [
  ...['LoadState', 'ActiveState', 'SubState', 'Result', 'NRestarts', 'ExecMainStatus', 'ExecMainCode', 'UnitFileState'],
  ...['FragmentPath', 'DropInPaths', 'NeedDaemonReload', 'ActiveEnterTimestamp', 'InactiveEnterTimestamp'],
  ...['MemoryCurrent', 'TasksCurrent', 'CPUUsageNSec', 'WatchdogUSec'],
];
const PROPERTY = /^([A-Za-z]+)=(.*)$/;
/** What os-release(5) says that is of use. */
const SYSTEM = /^(ID|VERSION_ID|VERSION_CODENAME|PRETTY_NAME)="?([^"\n]{0,100})"?$/;

/** What a tool printed; undefined, and why, when it is not there, fails or takes too long. */
type Asked = { readonly text: string } | { readonly failed: string };

/** The last lines of a unit in systemd's journal, as a bundle may hold them. Error: `service-log-unread`. */
export async function serviceLog(unit: string): Promise<SupportLog> {
  const asked = await ask('journalctl', ['--unit', unit, '--lines', `${LOG_LINES}`, '--output', 'cat', '--no-pager', '--quiet']);
  if ('failed' in asked) throw new FarolaError('service-log-unread', { unit, reason: `journalctl: ${asked.failed}` });
  const log = supportLog(asked.text.split('\n'));
  if (log.records.length + log.leftOut > 0) return log;
  throw new FarolaError('service-log-unread', { unit, reason: 'journalctl shows this user no line of it' });
}

/** What systemd says of a unit: how it is, how often it was started anew, and what changes it. Where it cannot, why. */
export async function unitFacts(unit: string): Promise<object> {
  const asked = await ask('systemctl', ['show', '--property', UNIT_PROPERTIES.join(), unit]);
  if ('failed' in asked) return { missing: `systemctl: ${asked.failed}` };
  return matched(asked.text, PROPERTY);
}

/** What systemd says of the clock; where it cannot, why. */
export async function systemClockFacts(): Promise<object> {
  const asked = await ask('timedatectl', ['show']);
  if ('failed' in asked) return { missing: `timedatectl: ${asked.failed}` };
  return matched(asked.text, CLOCK);
}

/** The machine and what it runs: hardware, kernel, distribution, node and its libraries. */
export function machineFacts(): object {
  return {
    board: firstLine('/proc/device-tree/model') ?? null,
    arch: arch(),
    kernel: release(),
    system: matched(read('/etc/os-release') ?? '', SYSTEM),
    upSeconds: Math.floor(uptime()),
    load: loadavg(),
    memory: { bytes: totalmem(), freeBytes: freemem() },
    node: process.versions,
  };
}

async function ask(tool: string, args: readonly string[]): Promise<Asked> {
  try {
    const options = { timeout: WITHIN_MS, maxBuffer: MOST_BYTES, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
    const { stdout } = await promisify(execFile)(tool, args, options);
    return { text: stdout };
  } catch (error) {
    const code = errnoOf(error);
    return { failed: code === 'ENOENT' ? 'not there' : (code ?? 'it ended with an error') };
  }
}

function matched(text: string, line: RegExp): Record<string, string> {
  const found = text.split('\n').flatMap((one) => {
    const [, name, value] = line.exec(one) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

function firstLine(path: string): string | undefined {
  return read(path)?.replaceAll('\0', '').split('\n')[0];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
