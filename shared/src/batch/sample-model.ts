import { type BitReader, type BitWriter, MalformedBatch } from './bits.js';
import { Columns } from './columns.js';
import { MOST_VALUES, type SampleFields } from './sample-fields.js';
import { marksOf, readShape, type SampleShape, shapeOf, writeShape } from './sample-shape.js';

/** Rows of the analyser table that are remembered: as many as a table has. */
const MOST_ANALYSERS = 64;
/** Columns of each row: these three, then its values; beside them, those of its runs. */
const MONO = 0;
const WALL_AHEAD = 1;
const SPAN = 2;
const VALUES = 3;
/** Columns that are remembered in all: a panel has eight analysers of some forty values. */
const MOST_COLUMNS = 16 * (VALUES + MOST_VALUES);

interface Remembered {
  readonly columns: Columns;
  readonly offsets: Columns;
  /** Columns that were made room for, in both. */
  held: number;
  shape: SampleShape | undefined;
}

/**
 * What both sides remember of the samples that they exchanged on a connection, and how the next one is told with it.
 * Writer and reader go through the same steps, so that they remember the same.
 */
export class SampleModel {
  readonly #turns = new Columns();
  readonly #analysers = new Map<number, Remembered>();
  #held = 0;

  constructor() {
    this.#turns.reserve(1);
  }

  /** Whether a sample can be told: its analyser is remembered, or there is room for it and its columns. */
  takes({ analyser, values, marks }: SampleFields): boolean {
    const known = this.#analysers.get(analyser);
    if (!known && this.#analysers.size >= MOST_ANALYSERS) return false;
    const grows = Math.max(0, columnsOf(values.length, marks?.offsets.length ?? 0) - (known?.held ?? 0));
    return this.#held + grows <= MOST_COLUMNS;
  }

  /** Writes a sample that it takes. */
  write(sample: SampleFields, bits: BitWriter): void {
    const { analyser, monoMs, wallMs, spanMs, values, marks } = sample;
    this.#turns.write(0, analyser, bits);
    const remembered = this.#of(analyser);
    const shape = shapeOf(sample);
    writeShape(remembered.shape, shape, bits);
    this.#reserve(remembered, shape);
    const { columns, offsets } = remembered;
    columns.write(MONO, monoMs, bits);
    columns.write(WALL_AHEAD, wallMs - monoMs, bits);
    columns.write(SPAN, spanMs, bits);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number | null;
      if (value !== null) columns.write(VALUES + i, value, bits);
    }
    for (const [i, { ms }] of marks?.offsets.entries() ?? []) offsets.write(i, ms, bits);
  }

  /** Reads the next sample. @throws MalformedBatch */
  read(bits: BitReader): SampleFields {
    const analyser = this.#turns.read(0, bits);
    if (analyser < 0 || analyser > 255) throw new MalformedBatch(`analyser ${analyser}`);
    const remembered = this.#of(analyser);
    const shape = readShape(remembered.shape, bits);
    this.#reserve(remembered, shape);
    const { quality, status, missing, runs } = shape;
    const { columns, offsets } = remembered;
    const monoMs = columns.read(MONO, bits);
    const wallMs = monoMs + columns.read(WALL_AHEAD, bits);
    const spanMs = columns.read(SPAN, bits);
    if (monoMs < 0 || wallMs < 0 || spanMs < 0) throw new MalformedBatch('time below 0');
    const values: (number | null)[] = [];
    for (let i = 0; i < missing.length; i++) values.push(missing[i] ? null : columns.read(VALUES + i, bits));
    const ms = runs.map((_, i) => offsets.read(i, bits));
    if (ms.some((one) => one < 0 || one > spanMs)) throw new MalformedBatch('a value from outside its reading');
    return { analyser, quality, status, monoMs, wallMs, spanMs, values, marks: marksOf(shape, ms) };
  }

  /** @throws MalformedBatch when there is no room for another */
  #of(analyser: number): Remembered {
    let remembered = this.#analysers.get(analyser);
    if (!remembered) {
      if (this.#analysers.size >= MOST_ANALYSERS) throw new MalformedBatch(`more than ${MOST_ANALYSERS} analysers`);
      remembered = { columns: new Columns(), offsets: new Columns(), held: 0, shape: undefined };
      this.#analysers.set(analyser, remembered);
    }
    return remembered;
  }

  /** Makes room for what a sample of this shape has, and remembers the shape. @throws MalformedBatch */
  #reserve(remembered: Remembered, shape: SampleShape): void {
    const { missing, runs } = shape;
    const grows = Math.max(0, columnsOf(missing.length, runs.length) - remembered.held);
    if (this.#held + grows > MOST_COLUMNS) throw new MalformedBatch(`more than ${MOST_COLUMNS} columns`);
    this.#held += grows;
    remembered.held += grows;
    remembered.columns.reserve(VALUES + missing.length);
    remembered.offsets.reserve(runs.length);
    remembered.shape = shape;
  }
}

function columnsOf(values: number, runs: number): number {
  return VALUES + values + runs;
}
