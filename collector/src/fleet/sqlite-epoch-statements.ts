import type { Database } from 'better-sqlite3';
import type { Command, Question } from '../store/store-statement.js';
import type { Successor, TableFact } from './derived-state.js';

interface FactColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly at_ms: number;
  readonly entry: Uint8Array;
  readonly previous_epoch: Uint8Array | null;
  readonly previous_n: number | null;
}

type SuccessorColumns = Pick<FactColumns, 'epoch' | 'at_ms' | 'previous_n'>;

type NewFact = Omit<TableFact, 'previous'> & { readonly previousEpoch: Uint8Array | null; readonly previousN: number | null };

interface AnchorColumns {
  readonly source: string;
  readonly mono_ms: number;
  readonly wall_ms: number;
}

/** Table entries of one epoch that are taken into account; a panel whose analysers change more often has other troubles. */
const FACTS_OF_EPOCH = 64;

/** Served by the index `successors` alone, newest first: no entry is read, and nothing sorted. */
export const SUCCESSORS = `
  SELECT epoch, at_ms, previous_n FROM table_facts
  WHERE lcu_no = ? AND previous_epoch IS ? AND n = 1 AND length(epoch) = 8 AND at_ms >= ? ORDER BY at_ms DESC LIMIT ?`;

/** What is asked and written of epochs and the boots that they are of. */
export interface EpochStatements {
  readonly facts: Question<[number, Uint8Array], FactColumns>;
  readonly start: Question<[number, Uint8Array], FactColumns>;
  /** (lcuNo, epoch): what its start entry names */
  readonly previousEpoch: Question<[number, Uint8Array], Uint8Array | null>;
  /** (lcuNo, epoch, fromMs, limit). Of branches (branch-id.ts) neither the line of epochs is made nor the stays of meters. */
  readonly successors: Question<[number, Uint8Array | null, number, number], SuccessorColumns>;
  readonly factsOfLcu: Question<[number], FactColumns>;
  readonly addFact: Command<[NewFact]>;
  /** (lcuNo, boot, source, monoMs, wallMs) */
  readonly addAnchor: Command<[number, Uint8Array, string, number, number]>;
  readonly anchors: Question<[number, Uint8Array], AnchorColumns>;
}

/** Prepares it. */
export function prepareEpochs(db: Database): EpochStatements {
  return {
    facts: db.prepare<[number, Uint8Array], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND epoch = ? ORDER BY n'),
    start: db.prepare<[number, Uint8Array], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND epoch = ? AND n = 1'),
    previousEpoch: db
      .prepare<[number, Uint8Array], Uint8Array | null>(
        'SELECT previous_epoch FROM table_facts WHERE lcu_no = ? AND epoch = ? AND n = 1',
      )
      .pluck(),
    successors: db.prepare<[number, Uint8Array | null, number, number], SuccessorColumns>(SUCCESSORS),
    factsOfLcu: db.prepare<[number], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND length(epoch) = 8'),
    addFact: db.prepare<[NewFact]>(
      `INSERT INTO table_facts SELECT :lcuNo, :epoch, :n, :atMs, :entry, :previousEpoch, :previousN
         WHERE :n = 1 OR (SELECT count(*) FROM table_facts WHERE lcu_no = :lcuNo AND epoch = :epoch) < ${FACTS_OF_EPOCH}
         ON CONFLICT DO NOTHING`,
    ),
    addAnchor: db.prepare<[number, Uint8Array, string, number, number]>(
      'INSERT INTO clock_anchors VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    anchors: db.prepare<[number, Uint8Array], AnchorColumns>(
      'SELECT source, mono_ms, wall_ms FROM clock_anchors WHERE lcu_no = ? AND boot = ?',
    ),
  };
}

/** The row as it is known outside. */
export function toFact({ lcu_no, epoch, n, at_ms, entry, previous_epoch, previous_n }: FactColumns): TableFact {
  const previous = previous_epoch && { epoch: previous_epoch, n: previous_n ?? 0 };
  return { lcuNo: lcu_no, epoch, n, atMs: at_ms, entry, previous };
}

/** The row as it is known outside. */
export function toSuccessor({ epoch, at_ms, previous_n }: SuccessorColumns): Successor {
  return { epoch, afterN: previous_n ?? 0, atMs: at_ms };
}
