import { FarolaError, isoTime, jsonTime, pause, quantityById, systemClock, systemTimers, textTable } from '@farola/shared';
import type { AnalyserRow } from '@farola/shared';
import { PanelPlausibility } from '../main/plausibility.js';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { openMeter } from '../meter/meter.js';
import { readAwake } from '../meter/read-awake.js';
import type { Meter } from '../meter/meter.js';
import { shippedProfiles } from '../meter/profile/profile-file.js';
import type { Reading } from '../meter/reading.js';
import { fits } from '../meter/scan-groups.js';
import { Interrupted, orInterrupted } from './interrupted.js';
import { wholeNumber } from './meter-line.js';
import { meterTarget } from './meter-target.js';
import type { MeterTarget, TargetFlags } from './meter-target.js';
import { AT_ONCE, readingCells } from './reading-cells.js';
import type { ReadingCell } from './reading-cells.js';
import { screenful } from './screen-pages.js';
import type { Block, Screen } from './screen-pages.js';

/** What `farola-agent meter watch` is asked. Numbers are texts, as they were typed. */
export interface MeterWatchOptions extends TargetFlags {
  /** From one round of readings to the next. */
  readonly seconds?: string | undefined;
  /** Names of what is shown, or begins of names with `*` behind; all when it is not told. */
  readonly quantity?: readonly string[] | undefined;
  /** One JSON object for each reading instead of a table. */
  readonly json?: boolean | undefined;
}

/** Clears a terminal and begins at its top (ECMA-48: ED, CUP). */
const CLEAR = '\u001b[2J\u001b[H';
/** So long a part of what does not fit a terminal is shown at the least, s. */
const PART_SECONDS = 6;

/** The newest reading of an analyser, and the values before. */
interface Watched {
  readonly row: AnalyserRow;
  readonly reading: Reading;
  readonly cells: readonly ReadingCell[];
  readonly before: readonly ReadingCell[];
}

/**
 * Reads analysers again and again, and shows what they say in a table that is written over, until the signal: which is its usual end.
 * @param screen undefined where the output is no terminal
 * @throws FarolaError `usage`, `analyser-unknown`, `line-in-use`; those of the configuration
 */
export async function watchMeter(
  ids: readonly string[],
  options: MeterWatchOptions,
  out: (line: string) => void,
  signal: AbortSignal,
  screen: Screen | undefined = process.stdout.isTTY ? process.stdout : undefined,
): Promise<void> {
  const seconds = wholeNumber(options.seconds ?? '2', '--seconds', 1, 3_600);
  const target = await meterTarget(options, ids);
  const clock = systemClock();
  const { config, profiles } = target;
  const meter = openMeter(config, profiles, {
    clock,
    timers: systemTimers,
    recognisable: shippedProfiles,
    ...(await lineAdapters()),
  });
  const watched = new WatchedMeter(meter, target, options.quantity);
  const show = (rounds: number): void => {
    const blocks = watched.newest.map(blockOf);
    const head = isoTime(clock.now().wallMs);
    const turn = Math.floor(rounds / Math.ceil(PART_SECONDS / seconds));
    const shown = screen
      ? screenful(CLEAR + head, blocks, screen, turn, 'all at once on a larger terminal; fewer by --quantity NAME')
      : blocks.flatMap(({ title, lines }) => [title, ...lines, '']);
    shown.forEach(out);
  };
  const watch = async (): Promise<void> => {
    for (let rounds = 0; ; rounds++) {
      const startedMs = clock.now().monoMs;
      for (const one of await watched.round(signal)) if (options.json) out(JSON.stringify(json(one)));
      if (!options.json) show(rounds);
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

/** The analysers that are watched, and what they said last. */
class WatchedMeter {
  readonly #meter: Meter;
  readonly #rows: readonly AnalyserRow[];
  readonly #wishes: readonly string[];
  readonly #plausibility: PanelPlausibility;
  readonly #newest = new Map<number, Watched>();

  /** @throws FarolaError `usage` for a wish that no analyser fulfils */
  constructor(meter: Meter, { config, profiles, chosen }: MeterTarget, wishes: readonly string[] = []) {
    this.#meter = meter;
    this.#rows = meter.analysers.filter(({ id }) => chosen.includes(id));
    this.#wishes = wishes;
    this.#plausibility = new PanelPlausibility({ config, profiles, rows: meter.analysers, patience: AT_ONCE });
    const there = this.#rows.flatMap(({ quantities }) => quantities.map((id) => quantityById(id)?.name ?? ''));
    const vain = wishes.find((wish) => !there.some((name) => fits(wish, name)));
    if (vain !== undefined) throw new FarolaError('usage', { reason: `--quantity: no analyser that is watched has \`${vain}\`` });
  }

  get newest(): readonly Watched[] {
    return [...this.#newest.values()];
  }

  /** Reads all of them once. */
  async round(signal: AbortSignal): Promise<readonly Watched[]> {
    const read: Watched[] = [];
    for (const row of this.#rows) {
      const reader = this.#meter.readers[row.index];
      const reading = reader && (await readAwake(reader, signal));
      if (!reading) continue;
      const { flags } = this.#plausibility.judge(row.index, reading);
      const all = reading.values.length === 0 ? [] : readingCells(row, reading, flags);
      const cells = all.filter(({ quantity }) => this.#isWished(quantity));
      const one = { row, reading, cells, before: this.#newest.get(row.index)?.cells ?? [] };
      this.#newest.set(row.index, one);
      read.push(one);
    }
    return read;
  }

  #isWished(quantity: string): boolean {
    return this.#wishes.length === 0 || this.#wishes.some((wish) => fits(wish, quantity));
  }
}

function blockOf({ row, reading, cells, before }: Watched): Block {
  const why = reading.failure ? `: ${reading.failure.message}` : '';
  const title = `${row.id} (${row.profileId}, unit ${row.unit} on ${row.line}): ${reading.status}, ${reading.spanMs} ms${why}`;
  const lines = cells.map(({ quantity, value, unit, flags }) => {
    const last = before.find((one) => one.quantity === quantity);
    const was = last === undefined || last.value === value ? '' : `was ${last.value ?? '-'}`;
    return [quantity, value ?? '-', unit === '1' ? '' : unit, flags.length === 0 ? '' : `! ${flags.join(', ')}`, was];
  });
  return { title, lines: lines.length === 0 ? [] : textTable(COLUMNS, lines).slice(1) };
}

const COLUMNS = [{ title: '' }, { title: '', align: 'right' as const }, { title: '' }, { title: '' }, { title: '' }];

function json({ row, reading, cells }: Watched): object {
  const { startedAt, spanMs, status } = reading;
  return {
    analyserId: row.id,
    lineId: row.line,
    modbusUnit: row.unit,
    profileId: row.profileId,
    profileOrigin: row.profileOrigin,
    takenAt: jsonTime(startedAt.wallMs),
    spanMs,
    status,
    values: cells.map(({ quantity, value, unit, flags }) => ({ quantity, value, unit, flags })),
  };
}
