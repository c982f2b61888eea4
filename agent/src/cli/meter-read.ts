import { type FarolaError, isoTime, jsonTime, systemClock, systemTimers } from '@farola/shared';
import type { AnalyserRow, ValueFlag } from '@farola/shared';
import type { AgentConfig } from '../config/config-schema.js';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { PanelPlausibility } from '../main/plausibility.js';
import { settingText } from '../meter/identity/noticed-settings.js';
import type { NoticedSetting } from '../meter/identity/noticed-settings.js';
import { openMeter } from '../meter/meter.js';
import { readAwake } from '../meter/read-awake.js';
import type { Meter } from '../meter/meter.js';
import { shippedProfiles } from '../meter/profile/profile-file.js';
import type { Reading } from '../meter/reading.js';
import { orInterrupted } from './interrupted.js';
import { meterTarget } from './meter-target.js';
import type { TargetFlags } from './meter-target.js';
import { AT_ONCE, readingCells } from './reading-cells.js';
import { settingJson } from './status-json.js';

/** What `farola-agent meter read` is asked. */
export interface MeterReadOptions extends TargetFlags {
  /** Ids of the analysers to read; all when empty. */
  readonly analysers?: readonly string[];
  /** One JSON object per analyser instead of a table. */
  readonly json?: boolean | undefined;
}

/**
 * Reads analysers once and prints what they said. All are tried; when some failed, the first failure is thrown after
 * the others are printed.
 * @throws FarolaError `config-unreadable`, `config-invalid`, `analyser-unknown`, `line-in-use`, `usage`, `meter-timeout`, `meter-unreachable`,
 * `meter-malformed`, `meter-exception`, `meter-faulty`, `meter-busy`, `line-unavailable`, `permission-denied`, `port-in-use`; the reason of the signal
 */
export async function readMeter(
  options: MeterReadOptions,
  out: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { config, profiles, chosen } = await meterTarget(options, options.analysers);
  const meter = openMeter(withoutGroups(config), profiles, {
    clock: systemClock(),
    timers: systemTimers,
    recognisable: shippedProfiles,
    ...(await lineAdapters()),
  });
  const plausibility = new PanelPlausibility({ config, profiles, rows: meter.analysers, patience: AT_ONCE });
  const print = (analyser: AnalyserRow, reading: Reading): void => {
    const { flags } = plausibility.judge(analyser.index, reading);
    const { settings = [] } = meter.devices[config.analysers.findIndex(({ id }) => id === analyser.id)]?.state ?? {};
    if (options.json) return out(json(analyser, reading, flags, settings));
    for (const line of table(analyser, reading, flags)) out(line);
    for (const one of settings) out(`  ! ${settingText(one, isoTime)}`);
  };
  try {
    await orInterrupted(readChosen(meter, choose(meter, chosen), print, signal), signal);
  } finally {
    await meter.close();
  }
}

/** Who reads by hand sees all of an analyser at once, whatever is sampled how often. */
function withoutGroups(config: AgentConfig): AgentConfig {
  return { ...config, analysers: config.analysers.map(({ scanGroups: _, ...analyser }) => analyser) };
}

async function readChosen(
  meter: Meter,
  chosen: readonly AnalyserRow[],
  print: (analyser: AnalyserRow, reading: Reading) => void,
  signal: AbortSignal,
): Promise<void> {
  let failure: FarolaError | undefined;
  for (const analyser of chosen) {
    const reader = meter.readers[analyser.index];
    const reading = reader && (await readAwake(reader, signal));
    signal.throwIfAborted();
    if (!reading) continue;
    failure ??= reading.failure;
    print(analyser, reading);
  }
  if (failure) throw failure;
}

function choose({ analysers }: Meter, ids: readonly string[]): readonly AnalyserRow[] {
  return ids.flatMap((id) => analysers.filter((one) => one.id === id));
}

/** The blanks of a line, the unit and the longest OBIS code. */
const OBIS_WIDTH = 2 + 2 + 1 + 4 + 2 + '1-0:16.7.0'.length;

function json(analyser: AnalyserRow, reading: Reading, found: readonly ValueFlag[], settings: readonly NoticedSetting[]): string {
  const { id: analyserId, line: lineId, unit: modbusUnit, profileId, profileOrigin, serialNumber } = analyser;
  const { status, spanMs, startedAt } = reading;
  const takenAt = jsonTime(startedAt.wallMs);
  const values = readingCells(analyser, reading, found);
  const changedSettings = settings.map(settingJson);
  const of = { analyserId, lineId, modbusUnit, profileId, profileOrigin, serialNumber };
  return JSON.stringify({ ...of, takenAt, spanMs, status, values, changedSettings });
}

function table(analyser: AnalyserRow, reading: Reading, found: readonly ValueFlag[]): string[] {
  const { id, line, unit, profileId } = analyser;
  const title = `${id} (${profileId}, unit ${unit} on ${line}): ${reading.status}, ${reading.spanMs} ms`;
  const read = readingCells(analyser, reading, found);
  if (read.every((cell) => cell.value === null)) return [title];
  const name = Math.max(...read.map((cell) => cell.quantity.length));
  const width = Math.max(...read.map((cell) => (cell.value ?? '-').length));
  const rows = read.map((cell) => {
    const unitText = cell.unit === '1' ? '' : cell.unit;
    const text = `  ${cell.quantity.padEnd(name)}  ${(cell.value ?? '-').padStart(width)} ${unitText.padEnd(4)}  ${cell.obis ?? ''}`;
    return cell.flags.length === 0 ? text.trimEnd() : `${text.padEnd(name + width + OBIS_WIDTH)}  ! ${cell.flags.join(', ')}`;
  });
  return [title, ...rows];
}
