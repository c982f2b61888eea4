import type BetterSqlite3 from 'better-sqlite3';
import { LIMITS } from '@farola/shared';
import type { Span } from './spans.js';
import { WITH_BRANCHES, WITH_RECENT, WITH_SOURCES } from './sqlite-ledger-schema.js';
import type { Question } from '../store/store-statement.js';

/** One row of `answers`. */
export interface AnswerColumns {
  readonly key: number;
  readonly received_at_ms: number;
  readonly epoch_no: number;
  readonly first_n: number;
  readonly base: Uint8Array;
  readonly poll: Uint8Array;
  readonly answer: Uint8Array;
  readonly entries: Uint8Array;
}

/** A stretch of one chain as one file knows it: owned by the row `key`, or, with `prev` and `head`, a gap, carried or shared. */
export interface Piece {
  readonly from_n: number;
  readonly to_n: number;
  readonly key: number | null;
  readonly prev: Uint8Array | null;
  readonly head: Uint8Array | null;
}

/** Entry n of an epoch of the file. */
export interface EntryPlace {
  readonly epochNo: number;
  readonly n: number;
}

/** What of the entries first..last of an epoch of the file a row owns. */
export interface OwnedQuestion {
  readonly epochNo: number;
  readonly first: number;
  readonly last: number;
  readonly key: number;
}

/** A range that a row owns; of a row that owns none, the epoch alone. */
export interface OwnedColumns {
  readonly epoch_no: number;
  readonly from_n: number | null;
  readonly to_n: number | null;
}

/** One row of `judgements`. */
export interface JudgementColumns {
  readonly lcu_no: number;
  readonly judged_at_ms: number;
  readonly code: string;
  readonly facts: string;
  readonly key: number | null;
  readonly poll: Uint8Array | null;
  readonly answer: Uint8Array | null;
  readonly entries: Uint8Array | null;
}

/** The table of what is shared, to be asked: in a file that is only read, and is older than branches, of nothing. */
export function sharedTable(version: number): string {
  if (version >= WITH_SOURCES) return 'shared';
  if (version >= WITH_BRANCHES) return '(SELECT *, 0 AS source FROM shared)';
  return '(SELECT 0 AS epoch_no, 0 AS from_n, 0 AS to_n, NULL AS prev, NULL AS head, 0 AS key, 0 AS source WHERE FALSE)';
}

/** What a branch shares, and the number of the chain that has the bytes (branch-id.ts). */
export interface SharedColumns extends Span {
  readonly source: number;
}

/** The table of recent ranges, to be asked: in a file that is only read, and is older than it, of nothing. */
export function recentTable(version: number): string {
  if (version >= WITH_RECENT) return 'recent';
  return '(SELECT 0 AS key, 0 AS epoch_no, 0 AS from_n, 0 AS to_n WHERE FALSE)';
}

/** The tables that an older file lacks. */
interface Later {
  readonly shared: string;
  readonly recent: string;
}

const piecesWith = ({ shared, recent }: Later): string => `
  SELECT from_n, to_n, key, NULL AS prev, NULL AS head FROM ranges WHERE epoch_no = :epochNo
  UNION ALL SELECT from_n, to_n, key, NULL, NULL FROM ${recent} WHERE epoch_no = :epochNo
  UNION ALL SELECT from_n, to_n, NULL, prev, head FROM gaps WHERE epoch_no = :epochNo
  UNION ALL SELECT from_n, to_n, NULL, prev, head FROM carried WHERE epoch_no = :epochNo
  UNION ALL SELECT from_n, to_n, NULL, prev, head FROM ${shared} WHERE epoch_no = :epochNo
  ORDER BY from_n`;

const lastPieceIn = (table: string): string =>
  `SELECT to_n FROM ${table} WHERE epoch_no = :epochNo AND from_n <= :n ORDER BY from_n DESC LIMIT 1`;

/** Asks two indexes, and goes through what is recent once: the newest epoch of each LCU that owns a range, and a range of it. */
const oneOfEachWith = (recent: string): string => `
  SELECT answers.* FROM
    (SELECT max(epoch_no) AS epoch_no FROM epochs
      WHERE EXISTS (SELECT 1 FROM ranges WHERE ranges.epoch_no = epochs.epoch_no) OR epoch_no IN (SELECT epoch_no FROM ${recent})
      GROUP BY lcu_no) AS newest
    JOIN answers ON answers.key = ifnull((SELECT key FROM ranges WHERE ranges.epoch_no = newest.epoch_no LIMIT 1),
      (SELECT key FROM ${recent} AS recent WHERE recent.epoch_no = newest.epoch_no LIMIT 1))`;

const lastRangeIn = (table: string): string =>
  `SELECT * FROM (SELECT from_n, to_n, key FROM ${table} WHERE epoch_no = :epochNo AND from_n <= :n ORDER BY from_n DESC LIMIT 1)`;

const rangeUpToWith = (recent: string): string =>
  `${lastRangeIn('ranges')} UNION ALL ${lastRangeIn(recent)} ORDER BY from_n DESC LIMIT 1`;

/** What a row owns, of the entries from `first` to `last`. */
export const ownedWith = (recent: string): string => `
  SELECT from_n, to_n FROM ranges WHERE epoch_no = :epochNo AND from_n BETWEEN :first AND :last AND key = :key
  UNION ALL SELECT from_n, to_n FROM ${recent} WHERE key = :key AND epoch_no = :epochNo AND from_n BETWEEN :first AND :last
  ORDER BY from_n`;

/** Ranges begin within their row, which keeps no more entries than an answer may carry: so its blobs need not be read. */
const ownedOfRowIn = (table: string): string => `
  SELECT answers.epoch_no, owned.from_n, owned.to_n FROM answers LEFT JOIN ${table} AS owned
    ON owned.epoch_no = answers.epoch_no AND owned.key = answers.key
    AND owned.from_n BETWEEN answers.first_n AND answers.first_n + ${LIMITS.answerEntries - 1}
  WHERE answers.key = :key`;

const ownedOfRowWith = (recent: string): string => `${ownedOfRowIn('ranges')} UNION ALL ${ownedOfRowIn(recent)} ORDER BY from_n`;

const lastUpToWith = ({ shared, recent }: Later): string =>
  `SELECT max(${['ranges', recent, 'gaps', 'carried', shared].map((table) => `ifnull((${lastPieceIn(table)}), 0)`).join(', ')})`;

const sharedSpansIn = (shared: string): string =>
  `SELECT from_n AS "from", to_n AS "to", source FROM ${shared} WHERE epoch_no = ?`;

/** The questions that are asked of one file of the ledger. */
export interface LedgerReads {
  /** (lcuNo, id of the chain) */
  readonly epochNo: Question<[number, Uint8Array], number>;
  /** (epochNo): the id of the chain */
  readonly epoch: Question<[number], Uint8Array>;
  /** (lcuNo): the ids of its chains */
  readonly epochsOf: Question<[number], Uint8Array>;
  /** Ascending */
  readonly pieces: Question<[{ readonly epochNo: number }], Piece>;
  /** (epochNo): what it shares with other chains of its epoch */
  readonly shared: Question<[number], SharedColumns>;
  /** The highest `to_n` of what begins at or before n, 0 when nothing does */
  readonly lastUpTo: Question<[EntryPlace], number>;
  /** The same of what older files held, undefined when that is nothing */
  readonly lastCarried: Question<[EntryPlace], number>;
  /** The owned range that begins last at or before n */
  readonly rangeUpTo: Question<[EntryPlace], { readonly to_n: number; readonly key: number }>;
  /** What a row owns, ascending; nothing when the row is not in the file, and at least a line without a range when it is */
  readonly ownedOfRow: Question<[{ readonly key: number }], OwnedColumns>;
  /** (key) */
  readonly row: Question<[number], AnswerColumns>;
  /** (lowest key, highest key) */
  readonly rowsBetween: Question<[number, number], AnswerColumns>;
  /** (lowest key, highest key): the newest, without its entries */
  readonly newestAnswer: Question<[number, number], Pick<AnswerColumns, 'received_at_ms' | 'answer'>>;
  /** (lowest key, limit) */
  readonly rowsFrom: Question<[number, number], AnswerColumns>;
  /** (lowest key, limit) */
  readonly keysFrom: Question<[number, number], number>;
  /** (lowest key, highest key): the highest that exists between */
  readonly lastKey: Question<[number, number], number | null>;
  /** The lowest and the highest key of the file */
  readonly keySpan: Question<[], [number | null, number | null]>;
  /** A row of each LCU that owns any */
  readonly oneOfEach: Question<[], AnswerColumns>;
  /** (lcuNo), oldest first */
  readonly judgements: Question<[number], JudgementColumns>;
}

/** Prepares them. Results are plain rows; errors are SQLite's. @param version of the file */
export function prepareReads(db: BetterSqlite3.Database, version: number): LedgerReads {
  const shared = sharedTable(version);
  const recent = recentTable(version);
  return {
    epochNo: db.prepare<[number, Uint8Array], number>('SELECT epoch_no FROM epochs WHERE lcu_no = ? AND epoch = ?').pluck(),
    epochsOf: db.prepare<[number], Uint8Array>('SELECT epoch FROM epochs WHERE lcu_no = ?').pluck(),
    epoch: db.prepare<[number], Uint8Array>('SELECT epoch FROM epochs WHERE epoch_no = ?').pluck(),
    pieces: db.prepare<[{ readonly epochNo: number }], Piece>(piecesWith({ shared, recent })),
    shared: db.prepare<[number], SharedColumns>(sharedSpansIn(shared)),
    lastUpTo: db.prepare<[EntryPlace], number>(lastUpToWith({ shared, recent })).pluck(),
    lastCarried: db.prepare<[EntryPlace], number>(lastPieceIn('carried')).pluck(),
    rangeUpTo: db.prepare<[EntryPlace], { readonly to_n: number; readonly key: number }>(rangeUpToWith(recent)),
    ownedOfRow: db.prepare<[{ readonly key: number }], OwnedColumns>(ownedOfRowWith(recent)),
    row: db.prepare<[number], AnswerColumns>('SELECT * FROM answers WHERE key = ?'),
    rowsBetween: db.prepare<[number, number], AnswerColumns>('SELECT * FROM answers WHERE key BETWEEN ? AND ? ORDER BY key'),
    newestAnswer: db.prepare<[number, number], Pick<AnswerColumns, 'received_at_ms' | 'answer'>>(
      'SELECT received_at_ms, answer FROM answers WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1',
    ),
    rowsFrom: db.prepare<[number, number], AnswerColumns>('SELECT * FROM answers WHERE key >= ? ORDER BY key LIMIT ?'),
    keysFrom: db.prepare<[number, number], number>('SELECT key FROM answers WHERE key >= ? ORDER BY key LIMIT ?').pluck(),
    lastKey: db.prepare<[number, number], number | null>('SELECT max(key) FROM answers WHERE key BETWEEN ? AND ?').pluck(),
    keySpan: db
      .prepare<[], [number | null, number | null]>('SELECT (SELECT min(key) FROM answers), (SELECT max(key) FROM answers)')
      .raw(),
    oneOfEach: db.prepare<[], AnswerColumns>(oneOfEachWith(recent)),
    judgements: db.prepare<[number], JudgementColumns>('SELECT * FROM judgements WHERE lcu_no = ? ORDER BY judgement_no'),
  };
}
