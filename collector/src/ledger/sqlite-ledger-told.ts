import type BetterSqlite3 from 'better-sqlite3';
import type { EntryPlace } from './sqlite-ledger-reads.js';
import type { Span } from './spans.js';
import type { Question } from '../store/store-statement.js';

/** Entries from..to of an epoch of the file. */
export interface EntrySpan {
  readonly epochNo: number;
  readonly from: number;
  readonly to: number;
}

/** What is asked of a file when something new is judged. */
export interface ToldReads {
  /** h(n) as a gap record told it, or at the ends of what was carried here. */
  readonly head: Question<[EntryPlace], Uint8Array>;
  readonly heads: Question<[EntrySpan], { readonly n: number; readonly head: Uint8Array }>;
  /** Spans that meet from..to, ascending: owned ones, and gaps. */
  readonly owned: Question<[EntrySpan], Span>;
  readonly gaps: Question<[EntrySpan], Span>;
  /** What a branch shares with other chains of its epoch. */
  readonly shared: Question<[EntrySpan], Span>;
}

/** Heads that one question gives, the highest: an answer has 256 entries, and an LCU can tell heads without end. */
const HEADS_AT_A_TIME = 4096;

/** Spans of one table lie apart: the one that begins last at or before `from` is the first that can meet it. */
const spansMeeting = (table: string): string => `
  SELECT from_n AS "from", to_n AS "to" FROM ${table}
  WHERE epoch_no = :epochNo AND to_n >= :from AND from_n BETWEEN
    ifnull((SELECT max(from_n) FROM ${table} WHERE epoch_no = :epochNo AND from_n <= :from), :from) AND :to`;

const spansIn = (...tables: readonly string[]): string => `${tables.map(spansMeeting).join(' UNION ALL ')} ORDER BY "from"`;

/** Prepares it, on a file of this version. */
export function prepareTold(db: BetterSqlite3.Database): ToldReads {
  return {
    head: db.prepare<[EntryPlace], Uint8Array>('SELECT head FROM told_heads WHERE epoch_no = :epochNo AND n = :n').pluck(),
    heads: db.prepare<[EntrySpan], { readonly n: number; readonly head: Uint8Array }>(
      `SELECT n, head FROM (SELECT n, head FROM told_heads WHERE epoch_no = :epochNo AND n BETWEEN :from AND :to
        ORDER BY n DESC LIMIT ${HEADS_AT_A_TIME}) ORDER BY n`,
    ),
    owned: db.prepare<[EntrySpan], Span>(spansIn('ranges', 'recent')),
    gaps: db.prepare<[EntrySpan], Span>(spansIn('gaps')),
    shared: db.prepare<[EntrySpan], Span>(spansIn('shared')),
  };
}
