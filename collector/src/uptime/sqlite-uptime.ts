import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { openStoreFile, readStoreFile } from '../store/store-file.js';
import type { StoreSchema } from '../store/store-schema.js';
import type { Command, Question } from '../store/store-statement.js';
import type { Verdict } from '../poll/poll-observer.js';
import type { OutcomeRun } from './outcome-run.js';
import type { UptimeStore } from './uptime-store.js';

/** `uptime.db`. No ledger holds what was not answered: this file cannot be made again. */
const UPTIME_SCHEMA: StoreSchema = {
  /** "fUpt" */
  applicationId: 0x66557074,
  version: 1,
  create: `
    CREATE TABLE runs (
      lcu_no INTEGER NOT NULL CHECK (lcu_no BETWEEN 0 AND 1048575),
      from_ms INTEGER NOT NULL,
      round_ms INTEGER NOT NULL CHECK (round_ms > 0),
      rounds INTEGER NOT NULL CHECK (rounds > 0),
      outcome TEXT NOT NULL,
      PRIMARY KEY (lcu_no, from_ms)
    ) STRICT, WITHOUT ROWID;`,
};

const COLUMNS = 'lcu_no AS lcuNo, from_ms AS fromMs, round_ms AS roundMs, rounds, outcome';

type Row = [lcuNo: number, fromMs: number, roundMs: number, rounds: number, outcome: Verdict];

/** Where it is. */
export interface SqliteUptimeOptions {
  /** The file `uptime.db`; made when it is not there. */
  readonly path: string;
  /** How long a lock of another process is waited for, ms; 5000 when not told. */
  readonly busyMs?: number;
  /** Opens a file that is there for reading alone; what writes then throws. */
  readonly readOnly?: boolean;
  /** See ReadingOptions. */
  readonly onCopy?: ReadingOptions['onCopy'];
}

/** Opens the store of uptime. Codes as `openStoreFile`. */
export async function openSqliteUptime(options: SqliteUptimeOptions): Promise<SqliteUptime> {
  const { path, busyMs = 5_000, readOnly, onCopy } = options;
  const { default: Sqlite } = await import('better-sqlite3');
  const open = readOnly ? readStoreFile : openStoreFile;
  return open(Sqlite, path, { schema: UPTIME_SCHEMA, busyMs, onCopy }, (db) => new SqliteUptime(db));
}

/** What rounds came to, in SQLite. */
export class SqliteUptime implements UptimeStore {
  readonly #db: Database;
  readonly #last: Question<[number], OutcomeRun>;
  readonly #runs: Question<[number, number, number, number, number], OutcomeRun>;
  readonly #put: Command<Row>;
  readonly #next: Question<[number], number | null>;
  readonly #drop: Command<[number, number, number]>;

  constructor(db: Database) {
    this.#db = db;
    this.#last = db.prepare(`SELECT ${COLUMNS} FROM runs WHERE lcu_no = ? ORDER BY from_ms DESC LIMIT 1`);
    this.#runs = db.prepare(`SELECT ${COLUMNS} FROM runs WHERE lcu_no = ? AND from_ms < ? AND from_ms + rounds * round_ms > ?
      AND from_ms >= coalesce((SELECT max(from_ms) FROM runs WHERE lcu_no = ? AND from_ms <= ?), 0) ORDER BY from_ms`);
    this.#put = db.prepare(`INSERT INTO runs (lcu_no, from_ms, round_ms, rounds, outcome) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (lcu_no, from_ms) DO UPDATE SET rounds = excluded.rounds`);
    this.#next = db.prepare<[number], number | null>('SELECT min(lcu_no) FROM runs WHERE lcu_no > ?').pluck();
    this.#drop = db.prepare('DELETE FROM runs WHERE lcu_no = ? AND from_ms < ? AND from_ms + rounds * round_ms <= ?');
  }

  last(lcuNo: number): OutcomeRun | undefined {
    return onStore(this.#db.name, () => this.#last.get(lcuNo));
  }

  write(runs: readonly OutcomeRun[]): void {
    const putAll = this.#db.transaction(() => {
      for (const { lcuNo, fromMs, roundMs, rounds, outcome } of runs) this.#put.run(lcuNo, fromMs, roundMs, rounds, outcome);
    });
    onStore(this.#db.name, () => putAll.immediate());
  }

  runs(lcuNo: number, fromMs: number, toMs: number): readonly OutcomeRun[] {
    return onStore(this.#db.name, () => this.#runs.all(lcuNo, toMs, fromMs, lcuNo, fromMs));
  }

  dropEnded(beforeMs: number, afterLcuNo: number, lcus: number): number | undefined {
    const dropAll = this.#db.transaction(() => {
      let last: number | undefined;
      for (let i = 0; i < lcus; i++) {
        const lcuNo = this.#next.get(last ?? afterLcuNo) ?? undefined;
        if (lcuNo === undefined) return last;
        this.#drop.run(lcuNo, beforeMs, beforeMs);
        last = lcuNo;
      }
      return last;
    });
    return onStore(this.#db.name, () => dropAll.immediate());
  }

  close(): void {
    this.#db.close();
  }
}
