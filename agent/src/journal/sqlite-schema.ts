import type BetterSqlite3 from 'better-sqlite3';
import { FarolaError } from '@farola/shared';

/** "FAJO": marks the file as a journal (PRAGMA application_id). */
const APPLICATION_ID = 0x46414a4f;
const FORMAT = 2;

/** Entries that cannot be proven any more, see DamagedSpan. Since format 2. */
const DAMAGE = `
  CREATE TABLE damage (
    epoch_id INTEGER NOT NULL REFERENCES epoch ON DELETE CASCADE,
    from_n INTEGER NOT NULL,
    to_n INTEGER NOT NULL,
    prev BLOB NOT NULL,
    head BLOB NOT NULL,
    PRIMARY KEY (epoch_id, from_n)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
`;

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
  ${DAMAGE}
`;

/** Sets up a connection that writes: WAL, and every commit on the disk before it returns (DESIGN 3.3). */
export function prepareForWriting(db: BetterSqlite3.Database): void {
  db.pragma('foreign_keys = ON');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -2000');
  db.pragma('journal_size_limit = 4194304');
}

/**
 * Makes the tables of a new journal, or sees that this one is ours.
 * @throws FarolaError `journal-corrupt` for a file of something else; `store-newer`, `journal-foreign`
 */
export function adoptJournal(db: BetterSqlite3.Database, path: string, lcuId: string): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) {
    db.transaction(() => {
      db.exec(SCHEMA);
      db.prepare('INSERT INTO journal (lcu_id) VALUES (?)').run(lcuId);
    }).immediate();
    return;
  }
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new FarolaError('journal-corrupt', { path, reason: 'it is not a journal' });
  }
  if (version > FORMAT) throw new FarolaError('store-newer', { path, version, known: FORMAT });
  const owner = db.prepare('SELECT lcu_id FROM journal').pluck().get();
  if (owner !== lcuId) throw new FarolaError('journal-foreign', { path, owner: String(owner), lcu: lcuId });
  if (version < FORMAT) db.transaction(() => db.exec(DAMAGE)).immediate();
}
