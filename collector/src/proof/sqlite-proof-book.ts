import type { Database } from 'better-sqlite3';
import type { MonthSeal } from './month-seal.js';
import { contains, type ProofRecord } from './proof-record.js';
import { type DatedFinding, NOTHING_PROVEN, type ProofBook, type ProofProgress } from './proof-book.js';
import { onStore } from '../store/store-failure.js';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { openStoreFile, readStoreFile } from '../store/store-file.js';
import type { StoreSchema } from '../store/store-schema.js';
import type { Command, Question } from '../store/store-statement.js';

/** What proofs of commands came to. */
const RECORDS = 'CREATE TABLE records (record_no INTEGER PRIMARY KEY, told TEXT NOT NULL) STRICT;';

const SCHEMA: StoreSchema = {
  /** "fPrf" */
  applicationId: 0x66507266,
  version: 2,
  create: `
    CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), told TEXT NOT NULL) STRICT;
    CREATE TABLE seals (
      month TEXT PRIMARY KEY,
      rows INTEGER NOT NULL,
      first_key INTEGER NOT NULL,
      last_key INTEGER NOT NULL,
      digest BLOB NOT NULL,
      judgements INTEGER NOT NULL,
      judgement_digest BLOB NOT NULL,
      previous BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER seals_stay BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, 'a seal is never changed'); END;
    CREATE TRIGGER seals_are_kept BEFORE DELETE ON seals BEGIN SELECT RAISE(ABORT, 'a seal is never taken back'); END;
    CREATE TABLE findings (finding_no INTEGER PRIMARY KEY, found_at_ms INTEGER NOT NULL, told TEXT NOT NULL) STRICT;
    ${RECORDS}
  `,
  upgrades: [RECORDS],
};

/** Findings of nights, and proofs of commands, that are kept. */
const FINDINGS_KEPT = 1000;
const RECORDS_KEPT = 64;
/** How long a lock of another process is waited for, ms. */
const BUSY_MS = 1000;

interface SealColumns {
  readonly month: string;
  readonly rows: number;
  readonly first_key: number;
  readonly last_key: number;
  readonly digest: Uint8Array;
  readonly judgements: number;
  readonly judgement_digest: Uint8Array;
  readonly previous: Uint8Array;
}

interface Statements {
  readonly progress: Question<[], string>;
  readonly setProgress: Command<[string]>;
  readonly seals: Question<[], SealColumns>;
  readonly addSeal: Command<[string, number, number, number, Uint8Array, number, Uint8Array, Uint8Array]>;
  readonly findings: Question<[number], string>;
  readonly addFinding: Command<[number, string]>;
  readonly dropOld: Command<[]>;
  readonly records: Question<[], { readonly record_no: number; readonly told: string }>;
  readonly addRecord: Command<[string]>;
  readonly dropRecord: Command<[number]>;
}

/**
 * Opens `proof.db`: what a power cut takes of it is proven again. Codes as `openStoreFile`.
 * @param how `readOnly` opens a file that is there for reading alone; `mayUpgrade` false refuses one of an older version
 */
export async function openSqliteProofBook(
  path: string,
  how: {
    readonly readOnly?: boolean;
    readonly onCopy?: ReadingOptions['onCopy'];
    readonly mayUpgrade?: boolean;
  } = {},
): Promise<ProofBook> {
  const { default: Sqlite } = await import('better-sqlite3');
  const open = how.readOnly ? readStoreFile : openStoreFile;
  return open(
    Sqlite,
    path,
    { schema: SCHEMA, busyMs: BUSY_MS, onCopy: how.onCopy, mayUpgrade: how.mayUpgrade },
    (db) => new SqliteProofBook(db),
  );
}

class SqliteProofBook implements ProofBook {
  readonly #db: Database;
  readonly #sql: Statements;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  progress(): ProofProgress {
    const told = onStore(this.#db.name, () => this.#sql.progress.get());
    return told === undefined ? NOTHING_PROVEN : (JSON.parse(told) as ProofProgress);
  }

  seals(): readonly MonthSeal[] {
    return onStore(this.#db.name, () => this.#sql.seals.all()).map(toSeal);
  }

  findings(sinceMs: number): readonly DatedFinding[] {
    return onStore(this.#db.name, () => this.#sql.findings.all(sinceMs)).map((told) => JSON.parse(told) as DatedFinding);
  }

  save(progress: ProofProgress, found: readonly DatedFinding[], seal?: MonthSeal): void {
    const write = (): void => {
      this.#sql.setProgress.run(JSON.stringify(progress));
      for (const finding of found) this.#sql.addFinding.run(finding.foundAtMs, JSON.stringify(finding));
      if (found.length > 0) this.#sql.dropOld.run();
      if (seal) this.#addSeal(seal);
    };
    onStore(this.#db.name, () => this.#db.transaction(write).immediate());
  }

  records(): readonly ProofRecord[] {
    return this.#records().map(({ record }) => record);
  }

  record(record: ProofRecord): void {
    const write = (): void => {
      const before = this.#records();
      const stale = before.filter((one, i) => i <= before.length - RECORDS_KEPT || contains(record, one.record));
      for (const { no } of stale) this.#sql.dropRecord.run(no);
      this.#sql.addRecord.run(JSON.stringify(record));
    };
    onStore(this.#db.name, () => this.#db.transaction(write).immediate());
  }

  close(): void {
    this.#db.close();
  }

  #records(): readonly { readonly no: number; readonly record: ProofRecord }[] {
    const rows = onStore(this.#db.name, () => this.#sql.records.all());
    return rows.map(({ record_no, told }) => ({ no: record_no, record: JSON.parse(told) as ProofRecord }));
  }

  #addSeal({ month, rows, firstKey, lastKey, digest, judgements, judgementDigest, previous }: MonthSeal): void {
    this.#sql.addSeal.run(month, rows, firstKey, lastKey, digest, judgements, judgementDigest, previous);
  }
}

function prepare(db: Database): Statements {
  return {
    progress: db.prepare<[], string>('SELECT told FROM progress').pluck(),
    setProgress: db.prepare<[string]>('INSERT OR REPLACE INTO progress VALUES (1, ?)'),
    seals: db.prepare<[], SealColumns>('SELECT * FROM seals ORDER BY rowid'),
    addSeal: db.prepare<[string, number, number, number, Uint8Array, number, Uint8Array, Uint8Array]>(
      'INSERT INTO seals VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    findings: db.prepare<[number], string>('SELECT told FROM findings WHERE found_at_ms >= ? ORDER BY finding_no').pluck(),
    addFinding: db.prepare<[number, string]>('INSERT INTO findings VALUES (NULL, ?, ?)'),
    dropOld: db.prepare<[]>(`DELETE FROM findings WHERE finding_no <= (SELECT max(finding_no) FROM findings) - ${FINDINGS_KEPT}`),
    records: db.prepare<[], { record_no: number; told: string }>('SELECT * FROM records ORDER BY record_no'),
    addRecord: db.prepare<[string]>('INSERT INTO records VALUES (NULL, ?)'),
    dropRecord: db.prepare<[number]>('DELETE FROM records WHERE record_no = ?'),
  };
}

function toSeal({ month, rows, first_key, last_key, digest, judgements, judgement_digest, previous }: SealColumns): MonthSeal {
  const bytes = (of: Uint8Array): Uint8Array => new Uint8Array(of);
  return {
    month,
    rows,
    firstKey: first_key,
    lastKey: last_key,
    digest: bytes(digest),
    judgements,
    judgementDigest: bytes(judgement_digest),
    previous: bytes(previous),
  };
}
