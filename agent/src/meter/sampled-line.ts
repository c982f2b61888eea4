import type { SampleStatus } from '@farola/shared';
import type { AnalyserReader, Reading, Sleeper } from './reading.js';
import { RowTurns } from './row-turns.js';

/** A row of the analyser table and what reads it. */
export interface SampledRow {
  /** Of the row. */
  readonly index: number;
  /** From sample to sample, seconds. */
  readonly periodS: number;
  readonly reader: AnalyserReader;
}

/** Takes one reading. When it throws, the sampler ends with that error. */
export type ReadingSink = (rowIndex: number, reading: Reading) => void | Promise<void>;

/** What a sleeper leaves unread. */
const UNREAD: ReadonlySet<SampleStatus> = new Set(['timeout', 'malformed', 'not-asked']);

/**
 * Reads the rows of one line that are due, one after the other. A sleeper is woken in time that nothing else needs; what it left unread is
 * due when it is awake.
 */
export class SampledLine {
  readonly rows: readonly SampledRow[];
  readonly #turns: RowTurns<SampledRow>;
  readonly #sink: ReadingSink;
  readonly #sleepers: ReadonlySet<Sleeper>;
  readonly #unread = new Set<SampledRow>();
  /** Due since their sleeper is awake, and not by their period. */
  readonly #woken = new Set<SampledRow>();
  #steps = 0;
  #isAtWork = false;
  #wake: () => void = () => undefined;

  constructor(rows: readonly SampledRow[], sink: ReadingSink) {
    this.rows = rows;
    this.#turns = new RowTurns(rows);
    this.#sink = sink;
    this.#sleepers = new Set(rows.flatMap(({ reader }) => reader.sleeper ?? []));
  }

  /** Readings, and questions that wake, that have ended. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether it waits for something to become due. */
  get isIdle(): boolean {
    return !this.#isAtWork;
  }

  /** A period of a row has begun. Gives whether that of the one before waits no more. */
  becomesDue(row: SampledRow): boolean {
    const isNew = this.#turns.becomesDue(row) || this.#woken.has(row);
    this.#woken.delete(row);
    this.#wake();
    return isNew;
  }

  /**
   * Reads what becomes due, until aborted. Rejects with what a reader or the sink threw.
   * @param idleMs until the next row becomes due, ms
   */
  async work(signal: AbortSignal, idleMs: () => number): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted) {
        const row = this.#turns.next();
        const sleeper = row ? undefined : this.#sleeperFor(idleMs());
        this.#isAtWork = row !== undefined || sleeper !== undefined;
        if (row) await this.#read(row, signal);
        else if (sleeper) await this.#wakeUp(sleeper, signal);
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  async #read(row: SampledRow, signal: AbortSignal): Promise<void> {
    this.#woken.delete(row);
    const reading = await unlessAborted(row.reader.read(signal), signal);
    this.#turns.ended(row);
    this.#steps++;
    if (!reading) return;
    if (UNREAD.has(reading.status)) this.#unread.add(row);
    else this.#unread.delete(row);
    await this.#sink(row.index, reading);
  }

  #sleeperFor(idleMs: number): Sleeper | undefined {
    for (const sleeper of this.#sleepers) if (sleeper.isWanted && sleeper.mostMs <= idleMs) return sleeper;
    return undefined;
  }

  async #wakeUp(sleeper: Sleeper, signal: AbortSignal): Promise<void> {
    const isAwake = await unlessAborted(sleeper.ask(signal), signal);
    this.#steps++;
    if (isAwake !== true) return;
    for (const row of this.#unread) {
      if (row.reader.sleeper === sleeper && this.#turns.becomesDue(row)) this.#woken.add(row);
    }
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
