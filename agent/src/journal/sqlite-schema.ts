import type BetterSqlite3 from 'better-sqlite3';
import { FarolaError } from '@farola/shared';

/** "FAJO": marks the file as a journal (PRAGMA application_id). */
const APPLICATION_ID = 0x46414a4f;
const FORMAT = 1;

/** `floor`, `acked` and `gap_*` are those of EpochState. Entries lie in the order of epoch and number. */
const SCHEMA = `
  CREATE TABLE journal (lcu_id TEXT NOT NULL) STRICT;
  CREATE TABLE epoch (
    id INTEGER PRIMARY KEY,
    epoch BLOB NOT NULL UNIQUE,
    floor INTEGER NOT NULL,
    floor_head BLOB NOT NULL,
    acked INTEGER NOT NULL,
    gap_from INTEGER,
    gap_prev BLOB,
    disagreed INTEGER
  ) STRICT;
  CREATE TABLE entry (
    epoch_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    head BLOB NOT NULL,
    PRIMARY KEY (epoch_id, n)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

/** Sets up a connection that writes: WAL, and every commit on the disk before it returns (DESIGN 3.3). */
export function prepareForWriting(db: BetterSqlite3.Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('journal_size_limit = 4194304');
}

/**
 * Makes the tables of a new journal, or sees that this one is ours.
 * @throws FarolaError `journal-corrupt` for a file of something else, of a newer format, or of another LCU
 */
export function adoptJournal(db: BetterSqlite3.Database, path: string, lcuId: string): void {
  const corrupt = (reason: string): FarolaError => new FarolaError('journal-corrupt', { path, reason });
  const version = db.pragma('user_version', { simple: true });
  if (version === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) {
    db.transaction(() => {
      db.exec(SCHEMA);
      db.prepare('INSERT INTO journal (lcu_id) VALUES (?)').run(lcuId);
    }).immediate();
    return;
  }
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw corrupt('it is not a journal');
  if (version !== FORMAT) throw corrupt(`it has format ${String(version)}, this agent knows ${FORMAT}`);
  const owner = db.prepare('SELECT lcu_id FROM journal').pluck().get();
  if (owner !== lcuId) throw corrupt(`it belongs to ${String(owner)}, this is ${lcuId}`);
}
