import type { SampleMarks, ValueFlag } from '../entry/entry.js';
import { FLAG_LIMIT, MOST_FLAGS, MOST_RUNS } from '../entry/sample-marks.js';
import { type BitReader, type BitWriter, MalformedBatch } from './bits.js';
import { MOST_FLAGGED, MOST_VALUES, type SampleFields } from './sample-fields.js';

const BYTE_BITS = 8;
/** Width of a number of values, of the values of a run, and of the places of a flag. */
const COUNT_BITS = 9;
/** Widths of the numbers of runs and of flags. */
const RUNS_BITS = 7;
const FLAGS_BITS = 6;

/** What seldom changes from sample to sample. */
export interface SampleShape {
  readonly quality: number;
  readonly status: number;
  /** Whether a value is missing, by its place. */
  readonly missing: readonly boolean[];
  /** Values of each run; empty where one request read them all. */
  readonly runs: readonly number[];
  readonly flags: readonly ValueFlag[];
}

/** The shape of a sample. */
export function shapeOf({ quality, status, values, marks }: SampleFields): SampleShape {
  const runs = marks ? marks.offsets.map(({ count }) => count) : NONE;
  return { quality, status, missing: values.map((value) => value === null), runs, flags: marks?.flags ?? NONE };
}

const NONE: readonly never[] = [];

/** The marks of a sample of this shape. @param ms offsets of its runs */
export function marksOf({ runs, flags }: SampleShape, ms: readonly number[]): SampleMarks | undefined {
  if (runs.length === 0 && flags.length === 0) return undefined;
  return { offsets: runs.map((count, i) => ({ count, ms: ms[i] as number })), flags };
}

/** Writes a shape: one bit when it is that of the sample before, else all of it. */
export function writeShape(before: SampleShape | undefined, shape: SampleShape, bits: BitWriter): void {
  if (before && sameShape(before, shape)) return bits.bits(1, 1);
  const { quality, status, missing, runs, flags } = shape;
  bits.bits(0, 1);
  bits.bits(quality, BYTE_BITS);
  bits.bits(status, BYTE_BITS);
  bits.bits(missing.length, COUNT_BITS);
  for (const one of missing) bits.bits(one ? 1 : 0, 1);
  const isMarked = runs.length > 0 || flags.length > 0;
  bits.bits(isMarked ? 1 : 0, 1);
  if (!isMarked) return;
  bits.bits(runs.length, RUNS_BITS);
  for (const count of runs) bits.bits(count, COUNT_BITS);
  bits.bits(flags.length, FLAGS_BITS);
  for (const { code, places } of flags) {
    bits.bits(code, BYTE_BITS);
    bits.bits(places.length, COUNT_BITS);
    for (const place of places) bits.bits(place, BYTE_BITS);
  }
}

/** Reads the shape of the next sample. @throws MalformedBatch */
export function readShape(before: SampleShape | undefined, bits: BitReader): SampleShape {
  const same = bits.bits(1) === 1;
  if (same && before) return before;
  if (same) throw new MalformedBatch('an analyser as before, of which nothing came before');
  const quality = bits.bits(BYTE_BITS);
  const status = bits.bits(BYTE_BITS);
  const count = bits.bits(COUNT_BITS);
  if (count > MOST_VALUES) throw new MalformedBatch(`${count} values`);
  const missing: boolean[] = [];
  for (let i = 0; i < count; i++) missing.push(bits.bits(1) === 1);
  if (bits.bits(1) === 0) return { quality, status, missing, runs: NONE, flags: NONE };
  const runs = readRuns(bits, count);
  const flags = readFlags(bits, count);
  if (runs.length === 0 && flags.length === 0) throw new MalformedBatch('marks that say nothing');
  return { quality, status, missing, runs, flags };
}

function readRuns(bits: BitReader, count: number): number[] {
  const length = bits.bits(RUNS_BITS);
  if (length > MOST_RUNS) throw new MalformedBatch(`${length} runs`);
  const runs: number[] = [];
  let covered = 0;
  for (let i = 0; i < length; i++) {
    const run = bits.bits(COUNT_BITS);
    if (run === 0) throw new MalformedBatch('a run of no values');
    covered += run;
    runs.push(run);
  }
  if (length > 0 && covered !== count) throw new MalformedBatch('runs that do not cover the values');
  return runs;
}

function readFlags(bits: BitReader, count: number): ValueFlag[] {
  const length = bits.bits(FLAGS_BITS);
  if (length > MOST_FLAGS) throw new MalformedBatch(`${length} flags`);
  const flags: ValueFlag[] = [];
  let room = MOST_FLAGGED;
  for (let i = 0; i < length; i++) {
    const code = bits.bits(BYTE_BITS);
    const named = bits.bits(COUNT_BITS);
    room -= named;
    if (code <= (flags.at(-1)?.code ?? -1) || code >= FLAG_LIMIT) throw new MalformedBatch('flags that do not ascend');
    if (named === 0 || room < 0) throw new MalformedBatch(`a flag of ${named} values`);
    const places: number[] = [];
    for (let j = 0; j < named; j++) {
      const place = bits.bits(BYTE_BITS);
      if (place >= count || place <= (places.at(-1) ?? -1)) throw new MalformedBatch('places that do not ascend');
      places.push(place);
    }
    flags.push({ code, places });
  }
  return flags;
}

function sameShape(a: SampleShape, b: SampleShape): boolean {
  if (a.quality !== b.quality || a.status !== b.status) return false;
  return same(a.missing, b.missing) && same(a.runs, b.runs) && sameFlags(a.flags, b.flags);
}

function sameFlags(a: readonly ValueFlag[], b: readonly ValueFlag[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every(({ code, places }, i) => code === b[i]?.code && same(places, b[i].places));
}

function same<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
