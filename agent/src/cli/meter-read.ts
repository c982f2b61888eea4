import { type FarolaError, formatValue, jsonTime, quantityById, systemClock, systemTimers } from '@farola/shared';
import type { AnalyserRow } from '@farola/shared';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { openMeter } from '../meter/meter.js';
import type { Meter } from '../meter/meter.js';
import type { Reading } from '../meter/reading.js';
import { orInterrupted } from './interrupted.js';
import { meterTarget } from './meter-target.js';
import type { TargetFlags } from './meter-target.js';

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
 * @throws FarolaError `config-unreadable`, `config-invalid`, `analyser-unknown`, `line-in-use`, `usage`, `meter-timeout`, `meter-exception`,
 * `meter-malformed`, `line-unavailable`, `permission-denied`, `port-in-use`; the reason of the signal
 */
export async function readMeter(
  options: MeterReadOptions,
  out: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { config, profiles, chosen } = await meterTarget(options, options.analysers);
  const meter = openMeter(config, profiles, {
    clock: systemClock(),
    timers: systemTimers,
    ...(await lineAdapters()),
  });
  const print = (analyser: AnalyserRow, reading: Reading): void => {
    for (const line of options.json ? [json(analyser, reading)] : table(analyser, reading)) out(line);
  };
  try {
    await orInterrupted(readChosen(meter, choose(meter, chosen), print, signal), signal);
  } finally {
    await meter.close();
  }
}

async function readChosen(
  meter: Meter,
  chosen: readonly AnalyserRow[],
  print: (analyser: AnalyserRow, reading: Reading) => void,
  signal: AbortSignal,
): Promise<void> {
  let failure: FarolaError | undefined;
  for (const analyser of chosen) {
    const reading = await meter.readers[analyser.index]?.read(signal);
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

interface Cell {
  readonly quantity: string;
  /** Exact decimal text in the unit; null when it is missing. */
  readonly value: string | null;
  readonly unit: string;
  readonly obis: string | null;
}

function cells({ quantities }: AnalyserRow, { values }: Reading): Cell[] {
  return quantities.flatMap((id, index) => {
    const quantity = quantityById(id);
    if (!quantity) return [];
    const value = values[index] ?? null;
    const text = value === null ? null : formatValue(value, quantity.decimals);
    return [{ quantity: quantity.name, value: text, unit: quantity.unit, obis: quantity.obis ?? null }];
  });
}

function json(analyser: AnalyserRow, reading: Reading): string {
  const { id: analyserId, line: lineId, unit: modbusUnit, profileId, serialNumber } = analyser;
  const { status, spanMs, startedAt } = reading;
  const takenAt = jsonTime(startedAt.wallMs);
  const values = cells(analyser, reading);
  return JSON.stringify({ analyserId, lineId, modbusUnit, profileId, serialNumber, takenAt, spanMs, status, values });
}

function table(analyser: AnalyserRow, reading: Reading): string[] {
  const { id, line, unit, profileId } = analyser;
  const title = `${id} (${profileId}, unit ${unit} on ${line}): ${reading.status}, ${reading.spanMs} ms`;
  const read = cells(analyser, reading);
  if (read.every((cell) => cell.value === null)) return [title];
  const name = Math.max(...read.map((cell) => cell.quantity.length));
  const width = Math.max(...read.map((cell) => (cell.value ?? '-').length));
  const rows = read.map((cell) => {
    const unitText = cell.unit === '1' ? '' : cell.unit;
    const text = `  ${cell.quantity.padEnd(name)}  ${(cell.value ?? '-').padStart(width)} ${unitText.padEnd(4)}  ${cell.obis ?? ''}`;
    return text.trimEnd();
  });
  return [title, ...rows];
}
