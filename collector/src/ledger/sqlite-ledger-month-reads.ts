import type BetterSqlite3 from 'better-sqlite3';
import { LIMITS } from '@farola/shared';
import {
  type AnswerColumns,
  type JudgementColumns,
  type OwnedQuestion,
  ownedWith,
  recentTable,
  sharedTable,
} from './sqlite-ledger-reads.js';
import { WITH_TOLD_HEADS } from './sqlite-ledger-schema.js';
import type { Question } from '../store/store-statement.js';

/** A row of `answers` with its epoch; null when the file does not name it for this LCU. */
export interface RowColumns extends AnswerColumns {
  readonly epoch: Uint8Array | null;
}

/** A row of `gaps` with its epoch. */
export interface GapColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly from_n: number;
  readonly to_n: number;
  readonly prev: Uint8Array;
  readonly head: Uint8Array;
  readonly reason: number;
  readonly key: number;
}

/** A stretch of an epoch, and whether the row that brought it is there. */
export interface PieceColumns {
  readonly from_n: number;
  readonly to_n: number;
  readonly key: number | null;
  readonly what: 'range' | 'gap' | 'carried' | 'shared';
  readonly has_row: 0 | 1;
  /** Of what is shared, the number of the chain that has the bytes. */
  readonly source: number | null;
  readonly prev: Uint8Array | null;
  readonly head: Uint8Array | null;
}

/** A row of `judgements`. */
export interface JudgementRow extends JudgementColumns {
  readonly judgement_no: number;
}

/** Which keys are asked for. */
interface KeySpan {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

interface Span {
  readonly from_n: number;
  readonly to_n: number;
}

/** What is asked of one file to hold it against itself. */
export interface MonthReads {
  /** (above this key, up to this key, limit) */
  readonly rows: Question<[number, number, number], RowColumns>;
  /** (key) */
  readonly row: Question<[number], RowColumns>;
  readonly named: Question<[KeySpan], Span & { readonly key: number; readonly epoch: Uint8Array | null }>;
  readonly owned: Question<[OwnedQuestion], Span>;
  readonly gaps: Question<[], GapColumns>;
  /** (above this number, limit) */
  readonly epochs: Question<[number, number], { readonly epoch_no: number; readonly lcu_no: number; readonly epoch: Uint8Array }>;
  readonly pieces: Question<[{ readonly epochNo: number }], PieceColumns>;
  /** (epochNo) undefined in a file without that table */
  readonly told: Question<[number], { readonly n: number; readonly head: Uint8Array }> | undefined;
  /** (epochNo) */
  readonly carried: Question<[number], Span & { readonly prev: Uint8Array; readonly head: Uint8Array }>;
  readonly stray: Question<[], number>;
  readonly indexes: Question<[], { readonly name: string; readonly tbl_name: string }>;
  /** (above this number, limit) */
  readonly judgements: Question<[number, number], JudgementRow>;
}

/** The LCU's number stands in the key (ledger-key.ts). */
const ROW = `SELECT answers.*, epochs.epoch FROM answers
  LEFT JOIN epochs ON epochs.epoch_no = answers.epoch_no AND epochs.lcu_no = (answers.key / 512) % 1048576`;

const namedWith = (recent: string): string => `
  SELECT key, epoch, min(from_n) AS from_n, max(to_n) AS to_n FROM (
    SELECT key, epoch_no, from_n, to_n FROM ranges WHERE key > :after AND key <= :upTo
    UNION ALL SELECT key, epoch_no, from_n, to_n FROM ${recent} WHERE key > :after AND key <= :upTo)
  LEFT JOIN epochs USING (epoch_no) GROUP BY key ORDER BY key LIMIT :limit`;

/** A row keeps no more entries than an answer may carry, all of one epoch. */
const rangesIn = (table: string): string => `
  SELECT from_n, to_n, key, 'range' AS what, EXISTS (SELECT 1 FROM answers WHERE answers.key = owned.key
      AND answers.epoch_no = owned.epoch_no
      AND owned.from_n BETWEEN answers.first_n AND answers.first_n + ${LIMITS.answerEntries - 1}) AS has_row, NULL AS source, NULL AS prev, NULL AS head
    FROM ${table} AS owned WHERE epoch_no = :epochNo`;

const piecesWith = (shared: string, recent: string): string => `
  ${rangesIn('ranges')}
  UNION ALL ${rangesIn(recent)}
  UNION ALL SELECT from_n, to_n, key, 'gap', EXISTS (SELECT 1 FROM answers WHERE answers.key = gaps.key), NULL, prev, head
    FROM gaps WHERE epoch_no = :epochNo
  UNION ALL SELECT from_n, to_n, NULL, 'carried', 1, NULL, prev, head FROM carried WHERE epoch_no = :epochNo
  UNION ALL SELECT from_n, to_n, key, 'shared', EXISTS (SELECT 1 FROM answers WHERE answers.key = shared.key), source, prev, head
    FROM ${shared} AS shared WHERE epoch_no = :epochNo
  ORDER BY from_n`;

const strayWith = (...tables: readonly string[]): string =>
  tables
    .map(
      (table) =>
        `(SELECT count(*) FROM (SELECT DISTINCT epoch_no FROM ${table}) WHERE epoch_no NOT IN (SELECT epoch_no FROM epochs))`,
    )
    .join(' + ');

/** Prepares it. @param version of the file */
export function prepareMonthReads(db: BetterSqlite3.Database, version: number): MonthReads {
  const shared = sharedTable(version);
  const recent = recentTable(version);
  const hasTold = version >= WITH_TOLD_HEADS;
  return {
    rows: db.prepare<[number, number, number], RowColumns>(`${ROW} WHERE key > ? AND key <= ? ORDER BY key LIMIT ?`),
    row: db.prepare<[number], RowColumns>(`${ROW} WHERE key = ?`),
    named: db.prepare<[KeySpan], Span & { key: number; epoch: Uint8Array | null }>(namedWith(recent)),
    owned: db.prepare<[OwnedQuestion], Span>(ownedWith(recent)),
    gaps: db.prepare<[], GapColumns>('SELECT * FROM gaps JOIN epochs USING (epoch_no)'),
    epochs: db.prepare<[number, number], { epoch_no: number; lcu_no: number; epoch: Uint8Array }>(
      'SELECT * FROM epochs WHERE epoch_no > ? ORDER BY epoch_no LIMIT ?',
    ),
    pieces: db.prepare<[{ readonly epochNo: number }], PieceColumns>(piecesWith(shared, recent)),
    carried: db.prepare<[number], Span & { prev: Uint8Array; head: Uint8Array }>(
      'SELECT from_n, to_n, prev, head FROM carried WHERE epoch_no = ? ORDER BY from_n',
    ),
    told: hasTold
      ? db.prepare<[number], { n: number; head: Uint8Array }>('SELECT n, head FROM told_heads WHERE epoch_no = ? ORDER BY n')
      : undefined,
    stray: db
      .prepare<[], number>(`SELECT ${strayWith('ranges', recent, 'gaps', 'carried', shared, ...(hasTold ? ['told_heads'] : []))}`)
      .pluck(),
    // A table WITHOUT ROWID is its own index.
    indexes: db.prepare<[], { name: string; tbl_name: string }>(
      "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND rootpage > 0 AND tbl_name IN ('epochs', 'judgements')",
    ),
    judgements: db.prepare<[number, number], JudgementRow>(
      'SELECT * FROM judgements WHERE judgement_no > ? ORDER BY judgement_no LIMIT ?',
    ),
  };
}
