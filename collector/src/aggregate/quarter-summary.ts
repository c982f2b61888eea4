import { type Cbor, decodeCbor, encodeCbor } from '@farola/shared';
import type { PeriodSpell, QuantityPeriods } from './quarter-periods.js';

/** Why a series of counter values breaks between two samples: what was counted between them is not known. */
export const BREAK_REASONS = ['reset', 'rollover', 'meter-exchanged', 'jump'] as const;

/** Name of such a reason. */
export type BreakReason = (typeof BREAK_REASONS)[number];

/** What of a sample decides whether the next one goes on with its counters. */
export interface SampleEnd {
  /** Wall time when it was asked, ms. */
  readonly takenAtMs: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  /** Tells meters apart (meter-tag.ts). */
  readonly meter: Uint8Array;
  /** Most that can be drawn there by its transformers, W; null where these do not tell. */
  readonly ratedW: number | null;
}

/** A counter as a sample had it, in the scale of its quantity. */
export interface CounterPoint {
  readonly at: SampleEnd;
  readonly value: bigint;
  /** Whether the LCU marks it as the first that another meter shows. */
  readonly isOfOther: boolean;
}

/** A break in a series. */
export interface SeriesBreak {
  /** Wall time of the first sample behind it, ms. */
  readonly atMs: number;
  readonly reason: BreakReason;
}

/** What was counted between two samples, or why that is not known. */
export type CounterStep = { readonly counted: bigint } | { readonly reason: BreakReason };

/** A counter in one quarter, in the scale of its quantity, between its first and its last sample: only what lasts. */
export interface CounterCore {
  readonly first: CounterPoint;
  readonly last: CounterPoint;
  /** What was counted from the one to the other, without what lies in breaks. */
  readonly counted: bigint;
  /** Steps from sample to sample that it is the sum of. */
  readonly steps: number;
  readonly breaks: readonly SeriesBreak[];
}

/** A counter in one quarter, in the scale of its quantity. */
export interface CounterSummary {
  readonly quantity: number;
  /** Samples that have it. */
  readonly count: number;
  /** How many of them a rule of plausibility marks. */
  readonly flagged: number;
  /** How many are left out: marked as glitches by their LCU, or between the first and the last and did not last. */
  readonly leftOut: number;
  /** The first two of the others, and the last two, as they came; one that is alone is in both. */
  readonly head: readonly CounterPoint[];
  readonly tail: readonly CounterPoint[];
  /** From the first to the core, or to the last where there is no core. */
  readonly begin: CounterStep | null;
  readonly core: CounterCore | null;
  /** From the core to the last. */
  readonly end: CounterStep | null;
}

/** An instantaneous quantity in one quarter, in its scale. */
export interface InstantSummary {
  readonly quantity: number;
  readonly count: number;
  /** How many of them a rule of plausibility marks. */
  readonly flagged: number;
  readonly min: bigint;
  readonly max: bigint;
  readonly sum: bigint;
}

/** What is stored of one measuring point and quarter: a pure function of its samples. */
export interface QuarterSummary {
  /** Of each quantity that the analyser is asked for; all three by quantity, ascending. */
  readonly periods: readonly QuantityPeriods[];
  readonly instants: readonly InstantSummary[];
  readonly counters: readonly CounterSummary[];
}

/** Breaks that are kept of one counter and quarter; a series that breaks more often has other troubles. */
export const BREAKS_KEPT = 16;

/** Writes it as CBOR: the samples at the ends of counters and the periods once each, and everything else by position. */
export function encodeSummary({ periods, instants, counters }: QuarterSummary): Uint8Array {
  const ends: SampleEnd[] = [];
  const place = (end: SampleEnd): number => {
    const known = ends.indexOf(end);
    return known >= 0 ? known : ends.push(end) - 1;
  };
  const point = ({ at, value, isOfOther }: CounterPoint): StoredPoint => [place(at), int(value), isOfOther];
  const rows = counters.map(({ quantity, count, flagged, leftOut, head, tail, begin, core, end }): Cbor => {
    const told = core?.breaks.map(({ atMs, reason }) => [atMs, BREAK_REASONS.indexOf(reason)]) ?? [];
    const written = core && [point(core.first), point(core.last), int(core.counted), core.steps, told];
    return [quantity, count, flagged, leftOut, head.map(point), tail.map(point), stepOf(begin), written, stepOf(end)];
  });
  return encodeCbor([
    periodRows(periods),
    ends.map(({ takenAtMs, epoch, n, meter, ratedW }) => [takenAtMs, epoch, n, meter, ratedW]),
    instants.map(({ quantity, count, flagged, min, max, sum }) => [quantity, count, flagged, int(min), int(max), int(sum)]),
    rows,
  ]);
}

/** Reads what `encodeSummary` wrote, and nothing else: the file is ours. */
export function decodeSummary(bytes: Uint8Array): QuarterSummary {
  const [periods, endRows, instants, counters] = decodeCbor(bytes) as unknown as Stored;
  const ends = endRows.map(([takenAtMs, epoch, n, meter, ratedW]) => ({ takenAtMs, epoch, n, meter, ratedW }));
  const point = ([end, value, isOfOther]: StoredPoint): CounterPoint => {
    return { at: ends[end] as SampleEnd, value: BigInt(value), isOfOther };
  };
  const toCore = ([first, last, counted, steps, breaks]: StoredCore): CounterCore => ({
    first: point(first),
    last: point(last),
    counted: BigInt(counted),
    steps,
    breaks: breaks.map(([atMs, reason]) => ({ atMs, reason: BREAK_REASONS[reason] as BreakReason })),
  });
  return {
    periods: periods
      .flatMap(([spells, quantities]) => quantities.map((quantity) => ({ quantity, spells: spells.map(toSpell) })))
      .sort((a, b) => a.quantity - b.quantity),
    instants: instants.map(([quantity, count, flagged, min, max, sum]) => {
      return { quantity, count, flagged, min: BigInt(min), max: BigInt(max), sum: BigInt(sum) };
    }),
    counters: counters.map(([quantity, count, flagged, leftOut, head, tail, begin, core, end]) => ({
      quantity,
      count,
      flagged,
      leftOut,
      head: head.map(point),
      tail: tail.map(point),
      begin: toStep(begin),
      core: core && toCore(core),
      end: toStep(end),
    })),
  };
}

/** What was counted, in brackets; or the number of a reason. */
function stepOf(step: CounterStep | null): StoredStep {
  if (!step) return null;
  return 'counted' in step ? [int(step.counted)] : BREAK_REASONS.indexOf(step.reason);
}

function toStep(step: StoredStep): CounterStep | null {
  if (step === null) return null;
  return typeof step === 'number' ? { reason: BREAK_REASONS[step] as BreakReason } : { counted: BigInt(step[0]) };
}

/** Most quantities of an analyser have the same periods: these once, with all of those. */
function periodRows(periods: readonly QuantityPeriods[]): Cbor {
  const rows = new Map<string, [spells: Cbor, quantities: number[]]>();
  for (const { quantity, spells } of periods) {
    const written = spells.map(({ fromMs, periodS }) => [fromMs, periodS]);
    const name = written.join();
    const row = rows.get(name) ?? [written, []];
    row[1].push(quantity);
    rows.set(name, row);
  }
  return [...rows.values()];
}

function toSpell([fromMs, periodS]: StoredSpell): PeriodSpell {
  return { fromMs, periodS };
}

type Int = number | bigint;
type StoredPoint = [end: number, value: Int, isOfOther: boolean];
type StoredStep = [counted: Int] | number | null;
type StoredCore = readonly [
  StoredPoint,
  StoredPoint,
  counted: Int,
  steps: number,
  breaks: readonly (readonly [number, number])[],
];
type StoredSpell = readonly [fromMs: number, periodS: number | null];
type Stored = readonly [
  periods: readonly (readonly [readonly StoredSpell[], readonly number[]])[],
  ends: readonly (readonly [number, Uint8Array, number, Uint8Array, number | null])[],
  instants: readonly (readonly [number, number, number, Int, Int, Int])[],
  counters: readonly (readonly [
    number,
    number,
    number,
    number,
    StoredPoint[],
    StoredPoint[],
    StoredStep,
    StoredCore | null,
    StoredStep,
  ])[],
];

/** As a number where one can carry it, which CBOR writes shortest and reads fastest. */
function int(value: bigint): Int {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
