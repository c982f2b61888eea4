import { type BitReader, type BitWriter, MalformedBatch } from './bits.js';
import { Columns } from './columns.js';
import { MOST_VALUES, type SampleFields } from './sample-fields.js';

/** Analysers that are remembered; a panel has at most eight at a time. */
const MOST_ANALYSERS = 16;
const BYTE_BITS = 8;
/** Width of a number of values. */
const COUNT_BITS = 9;

/** Columns of an analyser: these three, then its values. */
const MONO = 0;
const WALL_AHEAD = 1;
const SPAN = 2;
const VALUES = 3;

/** What seldom changes from sample to sample. */
interface Shape {
  readonly quality: number;
  readonly status: number;
  /** Whether a value is missing, by its place. */
  readonly missing: readonly boolean[];
}

interface Remembered {
  readonly columns: Columns;
  shape: Shape | undefined;
}

/**
 * What both sides remember of the samples that they exchanged on a connection, and how the next one is told with it.
 * Writer and reader go through the same steps, so that they remember the same.
 */
export class SampleModel {
  readonly #turns = new Columns();
  readonly #analysers = new Map<number, Remembered>();

  constructor() {
    this.#turns.reserve(1);
  }

  /** Whether the samples of this analyser can be told. */
  knows(analyser: number): boolean {
    return this.#analysers.has(analyser) || this.#analysers.size < MOST_ANALYSERS;
  }

  /** Writes a sample of an analyser that it knows. */
  write(sample: SampleFields, bits: BitWriter): void {
    const { analyser, monoMs, wallMs, spanMs, values } = sample;
    this.#turns.write(0, analyser, bits);
    const remembered = this.#of(analyser);
    writeShape(remembered, shapeOf(sample), bits);
    const { columns } = remembered;
    columns.reserve(VALUES + values.length);
    columns.write(MONO, monoMs, bits);
    columns.write(WALL_AHEAD, wallMs - monoMs, bits);
    columns.write(SPAN, spanMs, bits);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number | null;
      if (value !== null) columns.write(VALUES + i, value, bits);
    }
  }

  /** Reads the next sample. @throws MalformedBatch */
  read(bits: BitReader): SampleFields {
    const analyser = this.#turns.read(0, bits);
    if (analyser < 0 || analyser > 255) throw new MalformedBatch(`analyser ${analyser}`);
    if (!this.knows(analyser)) throw new MalformedBatch(`more than ${MOST_ANALYSERS} analysers`);
    const remembered = this.#of(analyser);
    const { quality, status, missing } = readShape(remembered, bits);
    const { columns } = remembered;
    columns.reserve(VALUES + missing.length);
    const monoMs = columns.read(MONO, bits);
    const wallMs = monoMs + columns.read(WALL_AHEAD, bits);
    const spanMs = columns.read(SPAN, bits);
    if (monoMs < 0 || wallMs < 0 || spanMs < 0) throw new MalformedBatch('time below 0');
    const values: (number | null)[] = [];
    for (let i = 0; i < missing.length; i++) values.push(missing[i] ? null : columns.read(VALUES + i, bits));
    return { analyser, quality, status, monoMs, wallMs, spanMs, values };
  }

  #of(analyser: number): Remembered {
    let remembered = this.#analysers.get(analyser);
    if (!remembered) this.#analysers.set(analyser, (remembered = { columns: new Columns(), shape: undefined }));
    return remembered;
  }
}

function shapeOf({ quality, status, values }: SampleFields): Shape {
  return { quality, status, missing: values.map((value) => value === null) };
}

/** One bit when nothing changed, else all of it. */
function writeShape(remembered: Remembered, shape: Shape, bits: BitWriter): void {
  if (remembered.shape && sameShape(remembered.shape, shape)) return bits.bits(1, 1);
  bits.bits(0, 1);
  bits.bits(shape.quality, BYTE_BITS);
  bits.bits(shape.status, BYTE_BITS);
  bits.bits(shape.missing.length, COUNT_BITS);
  for (const one of shape.missing) bits.bits(one ? 1 : 0, 1);
  remembered.shape = shape;
}

function readShape(remembered: Remembered, bits: BitReader): Shape {
  const same = bits.bits(1) === 1;
  if (same && remembered.shape) return remembered.shape;
  if (same) throw new MalformedBatch('an analyser as before, of which nothing came before');
  const quality = bits.bits(BYTE_BITS);
  const status = bits.bits(BYTE_BITS);
  const count = bits.bits(COUNT_BITS);
  if (count > MOST_VALUES) throw new MalformedBatch(`${count} values`);
  const missing: boolean[] = [];
  for (let i = 0; i < count; i++) missing.push(bits.bits(1) === 1);
  return (remembered.shape = { quality, status, missing });
}

function sameShape(a: Shape, b: Shape): boolean {
  if (a.quality !== b.quality || a.status !== b.status || a.missing.length !== b.missing.length) return false;
  for (let i = 0; i < a.missing.length; i++) if (a.missing[i] !== b.missing[i]) return false;
  return true;
}
