import { pause } from '@farola/shared';
import type { Clock, Instant, Timers } from '@farola/shared';
import { RowSchedule } from './row-schedule.js';
import { SampledLine } from './sampled-line.js';
import type { ReadingSink, SampledRow } from './sampled-line.js';

/** The wall clock is looked at this often at least, so that a step of it is noticed. */
const LOOK_MS = 1_000;

/** What is sampled, and where to. */
export interface SamplerOptions {
  /** Rows by line: those of one line are read one after the other, lines do not wait for each other. */
  readonly lines: readonly (readonly SampledRow[])[];
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Samples until it is stopped. */
export interface Sampler {
  /** Periods that passed while this row of the analyser table waited for its line, and that have no sample. */
  skipped(rowIndex: number): number;
  /**
   * A number for each line, in their order, that changes with each reading or question that wakes, and with each look at the clock while nothing is due:
   * once a second at least, as long as the line gets on.
   */
  steps(line: number): number;
  /** Samples every row once at once, then each at the boundaries of its own period, until aborted. Rejects with what the sink threw. */
  run(signal: AbortSignal): Promise<void>;
}

/** A row, when it is due, and what became of that. */
interface Scheduled {
  readonly row: SampledRow;
  readonly line: SampledLine;
  /** Periods that have begun. */
  periods: number;
  skipped: number;
}

type Schedules = ReadonlyMap<Scheduled, RowSchedule>;

/**
 * Makes a sampler. A row is due at the boundaries of its own period (RowSchedule), and is read when its line has a turn for it
 * (RowTurns). A boundary that comes while the row is due already is left out and counted: none is made up for.
 */
export function createSampler({ lines: rowsByLine, sink, clock, timers }: SamplerOptions): Sampler {
  const lines = rowsByLine.map((rows) => new SampledLine(rows, sink));
  const looksAtIdle = lines.map(() => 0);
  const all = lines.flatMap((line) => line.rows.map((row): Scheduled => ({ row, line, periods: 0, skipped: 0 })));

  /** Until the next row becomes due, of this line or of all, ms. */
  function untilDueMs(schedules: Schedules, now: Instant, of?: SampledLine): number {
    let waitMs = Infinity;
    for (const [{ line }, schedule] of schedules) if (line === (of ?? line)) waitMs = Math.min(waitMs, schedule.waitMs(now));
    return waitMs;
  }

  function look(schedules: Schedules, now: Instant): number {
    for (const [one, schedule] of schedules) {
      const passed = schedule.passed(now);
      if (passed > 0) begin(one, passed);
    }
    for (const [index, line] of lines.entries()) if (line.isIdle) looksAtIdle[index] = (looksAtIdle[index] ?? 0) + 1;
    return Math.ceil(Math.min(LOOK_MS, untilDueMs(schedules, now)));
  }

  function begin(one: Scheduled, periods: number): void {
    // What waits still since the start is of no period yet: it becomes the reading of the first one.
    const isTaken = one.line.becomesDue(one.row) || one.periods === 0;
    one.skipped += periods - (isTaken ? 1 : 0);
    one.periods += periods;
  }

  async function schedule(schedules: Schedules, signal: AbortSignal): Promise<void> {
    for (const { row, line } of all) line.becomesDue(row);
    while (!signal.aborted) await pause(timers, look(schedules, clock.now()), signal);
  }

  return {
    skipped: (rowIndex) => all.find(({ row }) => row.index === rowIndex)?.skipped ?? 0,
    steps: (line) => (lines[line]?.steps ?? 0) + (looksAtIdle[line] ?? 0),
    async run(signal) {
      const ended = new AbortController();
      const end = (): void => ended.abort(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const begun = clock.now();
      const schedules = new Map(all.map((one) => [one, new RowSchedule(one.row.periodS, begun)]));
      const work = (line: SampledLine): Promise<void> => line.work(ended.signal, () => untilDueMs(schedules, clock.now(), line));
      try {
        await Promise.all([schedule(schedules, ended.signal), ...lines.map(work)]);
      } finally {
        signal.removeEventListener('abort', end);
        ended.abort();
      }
    },
  };
}
