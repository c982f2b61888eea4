import { formatValue, isoTime, jsonTime, pause, quantityById, systemClock, systemTimers, textTable } from '@farola/shared';
import type { AnalyserRow } from '@farola/shared';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { openMeter } from '../meter/meter.js';
import { readAwake } from '../meter/read-awake.js';
import type { Meter } from '../meter/meter.js';
import { shippedProfiles } from '../meter/profile/profile-file.js';
import type { Reading } from '../meter/reading.js';
import { Interrupted, orInterrupted } from './interrupted.js';
import { wholeNumber } from './meter-line.js';
import { meterTarget } from './meter-target.js';
import type { TargetFlags } from './meter-target.js';

/** What `farola-agent meter watch` is asked. Numbers are texts, as they were typed. */
export interface MeterWatchOptions extends TargetFlags {
  /** From one round of readings to the next. */
  readonly seconds?: string | undefined;
  /** One JSON object for each reading instead of a table. */
  readonly json?: boolean | undefined;
}

/** Clears a terminal and begins at its top (ECMA-48: ED, CUP). */
const CLEAR = '\u001b[2J\u001b[H';

/** The newest reading of an analyser, and the one before. */
interface Watched {
  readonly row: AnalyserRow;
  readonly reading: Reading;
  readonly before: Reading | undefined;
}

/**
 * Reads analysers again and again, and shows what they say in a table that is written over, until the signal: which is its usual end.
 * @throws FarolaError `usage`, `analyser-unknown`, `line-in-use`; those of the configuration
 */
export async function watchMeter(
  ids: readonly string[],
  options: MeterWatchOptions,
  out: (line: string) => void,
  signal: AbortSignal,
  isTerminal = process.stdout.isTTY,
): Promise<void> {
  const seconds = wholeNumber(options.seconds ?? '2', '--seconds', 1, 3_600);
  const { config, profiles, chosen } = await meterTarget(options, ids);
  const clock = systemClock();
  const meter = openMeter(config, profiles, {
    clock,
    timers: systemTimers,
    recognisable: shippedProfiles,
    ...(await lineAdapters()),
  });
  const rows = meter.analysers.filter(({ id }) => chosen.includes(id));
  const newest = new Map<number, Watched>();
  const watch = async (): Promise<void> => {
    for (;;) {
      const startedMs = clock.now().monoMs;
      for (const one of await round(meter, rows, newest, signal)) if (options.json) out(JSON.stringify(json(one)));
      if (!options.json)
        [...(isTerminal ? [CLEAR + isoTime(clock.now().wallMs)] : []), ...page([...newest.values()])].forEach(out);
      await pause(systemTimers, Math.max(0, seconds * 1_000 - (clock.now().monoMs - startedMs)), signal);
      signal.throwIfAborted();
    }
  };
  try {
    await orInterrupted(watch(), signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await meter.close();
  }
}

/** Reads all of them once, and keeps what was read. */
async function round(
  meter: Meter,
  rows: readonly AnalyserRow[],
  newest: Map<number, Watched>,
  signal: AbortSignal,
): Promise<Watched[]> {
  const read: Watched[] = [];
  for (const row of rows) {
    const reader = meter.readers[row.index];
    const reading = reader && (await readAwake(reader, signal));
    if (!reading) continue;
    const one = { row, reading, before: newest.get(row.index)?.reading };
    newest.set(row.index, one);
    read.push(one);
  }
  return read;
}

function page(watched: readonly Watched[]): string[] {
  return watched.flatMap(({ row, reading, before }) => {
    const cells = cellsOf(row, reading).map(({ quantity, value, unit }, index) => {
      const last = before && cellsOf(row, before)[index]?.value;
      return [quantity, value ?? '-', unit === '1' ? '' : unit, last === undefined || last === value ? '' : `was ${last ?? '-'}`];
    });
    const why = reading.failure ? `: ${reading.failure.message}` : '';
    const title = `${row.id} (${row.profileId}, unit ${row.unit} on ${row.line}): ${reading.status}, ${reading.spanMs} ms${why}`;
    return [title, ...(reading.values.length === 0 ? [] : textTable(COLUMNS, cells).slice(1)), ''];
  });
}

const COLUMNS = [{ title: '' }, { title: '', align: 'right' as const }, { title: '' }, { title: '' }];

function cellsOf({ quantities }: AnalyserRow, { values }: Reading) {
  return quantities.flatMap((id, index) => {
    const quantity = quantityById(id);
    const value = values[index] ?? null;
    return quantity
      ? [{ quantity: quantity.name, value: value === null ? null : formatValue(value, quantity.decimals), unit: quantity.unit }]
      : [];
  });
}

function json({ row, reading }: Watched): object {
  const { startedAt, spanMs, status } = reading;
  return {
    analyserId: row.id,
    lineId: row.line,
    modbusUnit: row.unit,
    takenAt: jsonTime(startedAt.wallMs),
    spanMs,
    status,
    values: cellsOf(row, reading),
  };
}
