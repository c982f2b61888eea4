import { counted, FarolaError, systemTimers } from '@farola/shared';
import type { LineConfig } from '../config.js';
import { agentConfigSchema } from '../config.js';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { readProfiles, SHIPPED_PROFILES } from '../meter/profile/profile-file.js';
import type { ProfileFolder } from '../meter/profile/profile-file.js';
import { configLines, settingText } from '../meter/tool/scan/config-lines.js';
import { stablePath } from '../meter/tool/scan/linux-stable-path.js';
import { scanLine } from '../meter/tool/scan/scan-line.js';
import type { FoundUnit, ScanProgress } from '../meter/tool/scan/scan-line.js';
import { orInterrupted } from './interrupted.js';
import { chooseLine, describesLine, flaggedLine, wholeNumber } from './meter-line.js';
import type { LineFlags } from './meter-line.js';
import { ProgressLine } from './progress-line.js';

/** What `farola-agent meter scan` is asked. `baud` and `parity` are lists, apart by commas. Numbers are texts, as they were typed. */
export interface MeterScanOptions extends LineFlags {
  /** `1-32,40`. */
  readonly units?: string | undefined;
  readonly tries?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What meters are delivered with and mostly left at. */
const BAUDS = '9600,19200,38400';
const PARITIES = 'none,even';
const UNITS = '1-247';
const NOBODY_ON_SERIAL =
  'nobody answered: check A and B, power and termination; try more of --units, --baud, --parity, or --tries 3';
const NOBODY_ON_NETWORK =
  'nobody answered, and the connection stands: try the other --transport, rtu-over-tcp or modbus-tcp (some gateways need --zero-transactions), and more of --units; then check the wiring behind a gateway, its baud rate and its timeout';
/** Meters begin to answer within this; whoever answers later is found by it, ms. */
const SERIAL_MS = '200';
const NETWORK_MS = '500';

/**
 * Looks for units on a line in each of its settings, tells who they are, and prints the lines of a configuration that reads them; also
 * when it is interrupted, of those that were found by then.
 * @throws FarolaError `usage`, `line-in-use`, `line-unavailable`, `permission-denied`, `port-in-use`; those of the configuration; the
 * reason of the signal
 */
export async function scanMeters(options: MeterScanOptions, out: (line: string) => void, signal: AbortSignal): Promise<void> {
  const settings = await settingsOf(options);
  const units = unitsIn(options.units ?? UNITS);
  const tries = wholeNumber(options.tries ?? '1', '--tries', 1, 10);
  const profilesDir = agentConfigSchema.shape.profilesDir.parse(undefined);
  const own: ProfileFolder = { path: profilesDir, origin: 'own' };
  const { profiles } = await readProfiles([SHIPPED_PROFILES, own]);
  const progress = new ProgressLine();
  const found: FoundUnit[] = [];
  const told = (line: string): void => {
    progress.clear();
    out(line);
  };
  const deps = { timers: systemTimers, ...(await lineAdapters()) };
  const scanning = scanLine(
    {
      settings,
      units,
      tries,
      profiles: [...profiles.values()].map(({ profile }) => profile),
      deps,
      onProgress: (at) => progress.show(progressText(at)),
      onFound: (one) => {
        found.push(one);
        told(options.json ? JSON.stringify(json(one)) : foundText(one));
      },
      onNoise: (line) => {
        if (!options.json)
          told(`${settingText(line)}: bytes came that are no answer: another setting, two units of one address, or noise`);
      },
    },
    signal,
  );
  let isUnusable = false;
  try {
    await orInterrupted(scanning, signal);
  } catch (error) {
    // Its own words are all there is to say of a line that cannot be used.
    isUnusable = error instanceof FarolaError && found.length === 0;
    throw error;
  } finally {
    progress.clear();
    if (!options.json && !isUnusable) (await closing(found, settings)).forEach(out);
  }
}

async function settingsOf({ baud, parity, ...flags }: MeterScanOptions): Promise<LineConfig[]> {
  const { timeoutMs = flags.host === undefined ? SERIAL_MS : NETWORK_MS } = flags;
  if (!describesLine(flags)) {
    const { line } = await chooseLine(flags);
    const asked = baud !== undefined || parity !== undefined;
    if (asked && line.transport !== 'rtu')
      throw new FarolaError('usage', {
        reason: `--baud and --parity are of a serial port, and line ${line.id} is on the network`,
      });
    if (!asked || line.transport !== 'rtu') return [{ ...line, timeoutMs: wholeNumber(timeoutMs, '--timeout-ms', 50, 60_000) }];
    const { path: port, dataBits, stopBits } = line;
    const of = { ...flags, port, dataBits: String(dataBits), stopBits: String(stopBits), timeoutMs };
    return everySetting(of, baud ?? String(line.baud), parity ?? line.parity).map((one) => ({ ...one, id: line.id }));
  }
  if (flags.host !== undefined) return [flaggedLine({ ...flags, timeoutMs })];
  return everySetting({ ...flags, timeoutMs }, baud ?? BAUDS, parity ?? PARITIES);
}

function everySetting(flags: LineFlags, bauds: string, parities: string): LineConfig[] {
  return parities.split(',').flatMap((parity) => bauds.split(',').map((baud) => flaggedLine({ ...flags, baud, parity })));
}

function unitsIn(text: string): number[] {
  const units = text.split(',').flatMap((part) => {
    const [from = '', to = from] = part.split('-');
    const first = wholeNumber(from, '--units', 1, 247);
    const last = wholeNumber(to, '--units', first, 247);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return [...new Set(units)];
}

function progressText({ line, unit, done, total, leftMs }: ScanProgress): string {
  const left = leftMs === null ? '' : `, ${timeText(leftMs)} left`;
  return `${settingText(line)}, unit ${unit}: ${done} of ${counted(total, 'question')}${left}`;
}

function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

function foundText({ line, unit, recognised, perhaps }: FoundUnit): string {
  const { looksLike, why } = recognised;
  const names = looksLike.map(({ vendor, model, profileId }) => `${vendor} ${model} (${profileId})`);
  const doubt = perhaps.length > 0 ? `not told; its values would be plausible by ${perhaps.join(', ')}` : 'nothing that is known';
  return `unit ${unit} at ${settingText(line)}: ${names.length > 0 ? names.join(' or ') : (why ?? doubt)}`;
}

async function closing(found: readonly FoundUnit[], [line]: readonly LineConfig[]): Promise<string[]> {
  if (found.length === 0) return [line?.transport === 'rtu' ? NOBODY_ON_SERIAL : NOBODY_ON_NETWORK];
  const path = line?.transport === 'rtu' ? await stablePath(line.path) : undefined;
  return [
    '',
    `# ${counted(found.length, 'unit')}; to be put into the configuration, after a look at the plates:`,
    ...configLines(found, path),
  ];
}

function json({ line, unit, recognised, perhaps }: FoundUnit): object {
  const isSerial = line.transport === 'rtu';
  return {
    transport: line.transport,
    address: isSerial ? line.path : `${line.host}:${line.port}`,
    baud: isSerial ? line.baud : null,
    parity: isSerial ? line.parity : null,
    stopBits: isSerial ? line.stopBits : null,
    modbusUnit: unit,
    looksLike: recognised.looksLike.map(({ profileId, vendor, model }) => ({ profileId, vendor, model })),
    perhaps,
    reason: recognised.why,
  };
}
