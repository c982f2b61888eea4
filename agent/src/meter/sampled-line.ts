import type { AnalyserReader, Reading } from './reading.js';
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

/** Reads the rows of one line that are due, one after the other. */
export class SampledLine {
  readonly rows: readonly SampledRow[];
  readonly #turns: RowTurns<SampledRow>;
  readonly #sink: ReadingSink;
  #readings = 0;
  #isReading = false;
  #wake: () => void = () => undefined;

  constructor(rows: readonly SampledRow[], sink: ReadingSink) {
    this.rows = rows;
    this.#turns = new RowTurns(rows);
    this.#sink = sink;
  }

  /** Readings that have ended. */
  get readings(): number {
    return this.#readings;
  }

  /** Whether nothing is due. */
  get isIdle(): boolean {
    return !this.#isReading;
  }

  /** A row is due. Gives whether it was not so already, and waits. */
  becomesDue(row: SampledRow): boolean {
    const isNew = this.#turns.becomesDue(row);
    this.#wake();
    return isNew;
  }

  /** Reads what becomes due, until aborted. Rejects with what a reader or the sink threw. */
  async work(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted) {
        const row = this.#turns.next();
        this.#isReading = row !== undefined;
        if (row) await this.#read(row, signal);
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  async #read(row: SampledRow, signal: AbortSignal): Promise<void> {
    const reading = await readUnlessAborted(row.reader, signal);
    this.#turns.ended(row);
    this.#readings++;
    if (reading) await this.#sink(row.index, reading);
  }
}

async function readUnlessAborted(reader: AnalyserReader, signal: AbortSignal): Promise<Reading | undefined> {
  try {
    return await reader.read(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
