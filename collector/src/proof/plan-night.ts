import { ledgerKey, slotOf } from '../ledger/ledger-key.js';
import type { ProofTask } from './proof-book.js';
import { PARTS } from './proof-slice.js';

/** A file of the ledger and its keys; undefined when it holds no row, or cannot be read. */
export interface MonthSpan {
  readonly month: string;
  readonly keys: { readonly first: number; readonly last: number } | undefined;
}

/** What a night is planned from. */
export interface NightBefore {
  /** Oldest first; all but the last are closed. */
  readonly spans: readonly MonthSpan[];
  /** Closed months that have their seal. */
  readonly sealed: readonly string[];
  /** Rows up to this key were proven before. */
  readonly provenUpTo: number;
  /** Keys up to here get no more rows. */
  readonly settledUpTo: number;
  /** When this night is due, and when the last one was, wall time, ms. */
  readonly dueMs: number;
  readonly lastDueMs: number;
}

const DAY_MS = 86_400_000;

/**
 * Plans a night: the rows that are new; of the others those of every thirtieth day of receipt, so that each is proven again
 * thirty nights after; a thirtieth of the epochs in the tables of each file; and a seal for each closed month that has none.
 * What nights that were missed would have done is done as well.
 */
export function planNight({ spans, sealed, provenUpTo, settledUpTo, dueMs, lastDueMs }: NightBefore): readonly ProofTask[] {
  const nights = nightsBetween(lastDueMs, dueMs);
  const keys = spans.flatMap((span) => span.keys ?? []);
  const [first, last] = [keys[0]?.first ?? 0, Math.min(provenUpTo, keys.at(-1)?.last ?? 0)];
  const days = keys.length === 0 ? [] : daysOf(first, last).filter((day) => nights.some((night) => (night - day) % PARTS === 0));
  return [
    ...rowTasks('new', spans, provenUpTo, settledUpTo),
    ...days.flatMap((day) => rowTasks('rest', spans, endOfDay(day - 1), Math.min(provenUpTo, endOfDay(day)))),
    ...spans.flatMap(({ month }) => nights.map((night): ProofTask => ({ do: 'tables', month, part: night % PARTS }))),
    ...spans.slice(0, -1).flatMap(({ month }): ProofTask[] => (sealed.includes(month) ? [] : [{ do: 'seal', month }])),
  ];
}

/** The nights after the last one up to this one, by the number of their day; no more than all parts. */
function nightsBetween(lastDueMs: number, dueMs: number): number[] {
  const night = Math.floor(dueMs / DAY_MS);
  const count = Math.min(PARTS, Math.max(1, night - Math.floor(lastDueMs / DAY_MS)));
  return Array.from({ length: count }, (_, i) => night - i);
}

/** The last key of a day of receipt, by the number of the day. */
function endOfDay(day: number): number {
  return ledgerKey({ slot: slotOf((day + 1) * DAY_MS), lcuNo: 0, ordinal: 0 }) - 1;
}

/** The days that keys are of, by their numbers. */
function daysOf(first: number, last: number): number[] {
  const dayOf = (key: number): number => Math.floor(key / (endOfDay(1) - endOfDay(0)));
  return Array.from({ length: Math.max(0, dayOf(last) - dayOf(first) + 1) }, (_, i) => dayOf(first) + i);
}

function rowTasks(name: 'new' | 'rest', spans: readonly MonthSpan[], after: number, upTo: number): ProofTask[] {
  return spans.flatMap(({ month, keys }): ProofTask[] => {
    if (!keys) return [];
    const task = { do: name, month, after: Math.max(after, keys.first - 1), upTo: Math.min(upTo, keys.last) };
    return task.upTo > task.after ? [task] : [];
  });
}

/** The last time of night at or before a moment, wall time, ms. @param at `HH:MM`, UTC */
export function lastDue(at: string, nowMs: number): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const today = nowMs - (nowMs % DAY_MS) + (hours * 60 + minutes) * 60_000;
  return today <= nowMs ? today : today - DAY_MS;
}
