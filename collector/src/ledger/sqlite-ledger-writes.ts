import type BetterSqlite3 from 'better-sqlite3';
import type { Command } from '../store/store-statement.js';

/** What is ever written to a file of the ledger: rows are added, and none is changed; ranges alone move (sqlite-recent-ranges.ts). */
export interface LedgerWrites {
  readonly answer: Command<[number, number, number, number, Uint8Array, Uint8Array, Uint8Array, Uint8Array]>;
  readonly epoch: Command<[number, Uint8Array]>;
  /** (epochNo, from, to, key) */
  readonly range: Command<[number, number, number, number]>;
  /** (key, epochNo, from, to); once for each key */
  readonly recent: Command<[number, number, number, number]>;
  readonly gap: Command<[number, number, number, Uint8Array, Uint8Array, number, number]>;
  /** (epochNo, from, to, prev, head, key, number of the chain that has the bytes) */
  readonly shared: Command<[number, number, number, Uint8Array, Uint8Array, number, number]>;
  readonly carried: Command<[number, number, number, Uint8Array, Uint8Array]>;
  /** (epochNo, n, head); once for each n */
  readonly told: Command<[number, number, Uint8Array]>;
  readonly judgement: Command<
    [number, number, string, string, number | null, Uint8Array | null, Uint8Array | null, Uint8Array | null]
  >;
}

/** Prepares the inserts. */
export function prepareWrites(db: BetterSqlite3.Database): LedgerWrites {
  return {
    answer: db.prepare<[number, number, number, number, Uint8Array, Uint8Array, Uint8Array, Uint8Array]>(
      'INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    epoch: db.prepare<[number, Uint8Array]>('INSERT INTO epochs (lcu_no, epoch) VALUES (?, ?)'),
    range: db.prepare<[number, number, number, number]>('INSERT INTO ranges VALUES (?, ?, ?, ?)'),
    recent: db.prepare<[number, number, number, number]>('INSERT INTO recent VALUES (?, ?, ?, ?)'),
    gap: db.prepare<[number, number, number, Uint8Array, Uint8Array, number, number]>(
      'INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    shared: db.prepare<[number, number, number, Uint8Array, Uint8Array, number, number]>(
      'INSERT INTO shared VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    carried: db.prepare<[number, number, number, Uint8Array, Uint8Array]>('INSERT INTO carried VALUES (?, ?, ?, ?, ?)'),
    told: db.prepare<[number, number, Uint8Array]>('INSERT INTO told_heads VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    judgement: db.prepare<
      [number, number, string, string, number | null, Uint8Array | null, Uint8Array | null, Uint8Array | null]
    >('INSERT INTO judgements VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)'),
  };
}
