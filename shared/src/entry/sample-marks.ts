import type { Cbor } from '../envelope/cbor.js';
import type { OffsetRun, SampleMarks, ValueFlag } from './entry.js';

/** Requests that one reading has at most: a profile has 256 rows, and no analyser is read in more. */
export const MOST_RUNS = 64;
/** Rules that mark one sample at most. */
export const MOST_FLAGS = 32;
/** Numbers of rules are below it. */
export const FLAG_LIMIT = 256;

/** Marks as they stand in an entry: `[[count, ms, count, ms, ...], [[code, place, ...], ...]]`. */
export function marksItem({ offsets, flags }: SampleMarks): Cbor {
  return [offsets.flatMap(({ count, ms }) => [count, ms]), flags.map(({ code, places }) => [code, ...places])];
}

/** Whether marks say anything; those that do not are left out of the entry. */
export function sayAnything({ offsets, flags }: SampleMarks): boolean {
  return offsets.length > 0 || flags.length > 0;
}

/**
 * Reads marks; undefined for every other item: runs that do not cover the values or lie beyond the reading, flags and places
 * that do not ascend, marks that say nothing.
 * @param of the sample that they mark
 */
export function readMarks(
  item: Cbor | undefined,
  of: { readonly count: number; readonly spanMs: number },
): SampleMarks | undefined {
  if (!Array.isArray(item) || item.length !== 2) return undefined;
  const offsets = readRuns(item[0] as Cbor, of);
  const flags = readFlags(item[1] as Cbor, of.count);
  return offsets && flags && sayAnything({ offsets, flags }) ? { offsets, flags } : undefined;
}

function readRuns(item: Cbor, of: { readonly count: number; readonly spanMs: number }): OffsetRun[] | undefined {
  if (!areUints(item) || item.length % 2 !== 0 || item.length > 2 * MOST_RUNS) return undefined;
  const runs: OffsetRun[] = [];
  let covered = 0;
  for (let i = 0; i < item.length; i += 2) {
    const count = item[i] as number;
    const ms = item[i + 1] as number;
    if (count === 0 || ms > of.spanMs) return undefined;
    covered += count;
    runs.push({ count, ms });
  }
  return runs.length === 0 || covered === of.count ? runs : undefined;
}

function readFlags(item: Cbor, count: number): ValueFlag[] | undefined {
  if (!Array.isArray(item) || item.length > MOST_FLAGS) return undefined;
  const flags: ValueFlag[] = [];
  for (const one of item as Cbor[]) {
    if (!areUints(one)) return undefined;
    const [code = 0, ...places] = one;
    if (code >= FLAG_LIMIT || code <= (flags.at(-1)?.code ?? -1) || places.length === 0) return undefined;
    if (!ascend(places) || (places.at(-1) as number) >= count) return undefined;
    flags.push({ code, places });
  }
  return flags;
}

function areUints(item: Cbor): item is number[] {
  return Array.isArray(item) && (item as Cbor[]).every((one) => Number.isSafeInteger(one) && (one as number) >= 0);
}

function ascend(numbers: readonly number[]): boolean {
  return numbers.every((one, i) => i === 0 || one > (numbers[i - 1] as number));
}
