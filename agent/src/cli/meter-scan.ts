import { FarolaError, systemTimers } from '@farola/shared';
import type { LineConfig } from '../config.js';
import { agentConfigSchema } from '../config.js';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { readProfiles, SHIPPED_PROFILES } from '../meter/profile/profile-file.js';
import { scanLine } from '../meter/tool/scan/scan-line.js';
import { Interrupted, orInterrupted } from './interrupted.js';
import { chooseLine, flaggedLine, wholeNumber } from './meter-line.js';
import type { LineFlags } from './meter-line.js';
import { ScanReport } from './scan-report.js';

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
/** Meters begin to answer within this; whoever answers later is found by it, ms. */
const SERIAL_MS = '200';
const NETWORK_MS = '500';

/**
 * Looks for units on a line in each of its settings, tells who they are, and prints the lines of a configuration that reads them; also
 * when it is interrupted, of those that were found by then, whether they were asked already what they are or not.
 * @throws FarolaError `usage`, `line-in-use`, `line-unavailable`, `permission-denied`, `port-in-use`; those of the configuration; the
 * reason of the signal
 */
export async function scanMeters(options: MeterScanOptions, out: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { settings, profilesDir } = await settingsOf(options);
  const units = unitsIn(options.units ?? UNITS);
  const tries = wholeNumber(options.tries ?? '1', '--tries', 1, 10);
  const { profiles } = await readProfiles([SHIPPED_PROFILES, { path: profilesDir, origin: 'own' }]);
  const report = new ScanReport(out, options.json ?? false);
  const scanning = scanLine(
    {
      settings,
      units,
      tries,
      profiles: [...profiles.values()].map(({ profile }) => profile),
      deps: { timers: systemTimers, ...(await lineAdapters()) },
      onProgress: (at) => report.isAt(at),
      onAnswered: (one) => report.answered(one),
      onFound: (one) => report.found(one),
      onNoise: (line) => report.noise(line),
    },
    signal,
  );
  try {
    await orInterrupted(scanning, signal);
  } catch (error) {
    // Its own words are all there is to say of a line that cannot be used.
    if (error instanceof Interrupted || !report.isEmpty) await report.close(settings, error instanceof Interrupted);
    throw error;
  }
  await report.close(settings, false);
}

async function settingsOf({
  baud,
  parity,
  ...flags
}: MeterScanOptions): Promise<{ settings: LineConfig[]; profilesDir: string }> {
  const { timeoutMs = flags.host === undefined ? SERIAL_MS : NETWORK_MS } = flags;
  const isSerial = flags.port !== undefined;
  const chosen = await chooseLine({ ...flags, timeoutMs });
  const profilesDir = chosen.profilesDir ?? agentConfigSchema.shape.profilesDir.parse(undefined);
  if (isSerial) return { settings: everySetting({ ...flags, timeoutMs }, baud ?? BAUDS, parity ?? PARITIES), profilesDir };
  const { line } = chosen;
  const isListed = baud !== undefined || parity !== undefined;
  if (isListed && line.transport !== 'rtu')
    throw new FarolaError('usage', { reason: `--baud and --parity are of a serial port, and line ${line.id} is on the network` });
  if (!isListed || line.transport !== 'rtu') return { settings: [line], profilesDir };
  const { path: port, dataBits, stopBits } = line;
  const of = { ...flags, port, dataBits: String(dataBits), stopBits: String(stopBits), timeoutMs };
  const asked = everySetting(of, baud ?? String(line.baud), parity ?? line.parity);
  return { settings: asked.map((one) => ({ ...one, id: line.id })), profilesDir };
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
