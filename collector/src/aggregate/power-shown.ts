import { quantityById } from '@farola/shared';
import type { AggregateReader } from './aggregate-store.js';
import type { InstantSummary } from './quarter-summary.js';
import { QUARTER_MS, quarterOf } from './quarter.js';

/** The greatest power that a measuring point shows, W; undefined where it shows none. */
export type PowerShown = number | undefined;

/** The greatest power that a point shows around a span, ms. */
export type PowerAround = (fromMs: number, toMs: number) => PowerShown;

/** Power of the whole point, of whichever kind: what a counter of varh or VAh counts is held against it as well. */
const POWERS: ReadonlySet<string> = new Set(['activePowerTotal', 'reactivePowerTotal', 'apparentPowerTotal']);

/** A week before a span and a week behind it tell what is drawn: each has weekdays, a weekend and seven nights. */
const QUARTERS_AROUND = (7 * 86_400_000) / QUARTER_MS;

/** The greatest power in one quarter. */
export function powerIn(instants: readonly InstantSummary[]): PowerShown {
  return greatest(instants.filter(({ quantity }) => POWERS.has(quantityById(quantity)?.name ?? '')).map(wattsOf));
}

/** Asks the quarters of a week before and of a week behind a span, each once. The same span gets the same answer, whatever is asked. */
export function powerAround(reader: AggregateReader, point: string): PowerAround {
  const known = new Map<number, PowerShown>();
  const inQuarter = (quarter: number): PowerShown => {
    if (!known.has(quarter)) known.set(quarter, powerIn(reader.quarter(point, quarter)?.instants ?? []));
    return known.get(quarter);
  };
  const between = (from: number, to: number): PowerShown =>
    greatest(Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => inQuarter(from + i)));
  return (fromMs, toMs) => {
    const span = reader.span(point);
    if (!span) return undefined;
    const [from, to] = [quarterOf(fromMs), quarterOf(toMs)];
    const before = between(Math.max(span.first, from - QUARTERS_AROUND), from);
    return greatest([before, between(Math.max(from + 1, to), Math.min(span.last, to + QUARTERS_AROUND))]);
  };
}

function wattsOf({ quantity, min, max }: InstantSummary): number {
  const size = Math.max(Math.abs(Number(min)), Math.abs(Number(max)));
  return Math.ceil(size / 10 ** (quantityById(quantity)?.decimals ?? 0));
}

function greatest(powers: readonly PowerShown[]): PowerShown {
  const told = powers.filter((power) => power !== undefined);
  return told.length > 0 ? Math.max(...told) : undefined;
}
