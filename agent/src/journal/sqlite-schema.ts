import type BetterSqlite3 from 'better-sqlite3';
import { FarolaError } from '@farola/shared';

/** "FAJO": marks the file as a journal (PRAGMA application_id). */
const APPLICATION_ID = 0x46414a4f;
const FORMAT = 3;

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
`;

/**
 * How many entries of an epoch no ack covers, as it was when its row was written last; that of the present epoch is
 * behind. An LCU that restarts for ever has thousands of epochs and owes few of them. Since format 3.
 */
const OWED = `
  ALTER TABLE epoch ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;
  UPDATE epoch SET owed = max(0, coalesce((SELECT max(n) FROM entry WHERE epoch_id = id), floor) - acked);
  CREATE INDEX epoch_owing ON epoch (id, owed) WHERE owed > 0 OR gap_from IS NOT NULL;
`;

/** What each format adds to the one before, from format 2 on. */
const ADDED = [DAMAGE, OWED] as const;

/** Format 1. `floor`, `acked` and `gap_*` are those of EpochState. Entries lie in the order of epoch and number. */
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
`;

const PAGE_BYTES = 4_096;
/**
 * Pages of the write-ahead log before it is copied into the file. What it takes must be free twice on the disk, there and
 * in the file: on a full disk it could not be copied, and what is written next would have no room (disk-room.ts).
 */
const CHECKPOINT_PAGES = 250;

/** Sets up a connection that writes: WAL, and every commit on the disk before it returns (DESIGN 3.3). */
export function prepareForWriting(db: BetterSqlite3.Database): void {
  db.pragma('foreign_keys = ON');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -2000');
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
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
      bringUp(db, 1);
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
  if (version < FORMAT) db.transaction(() => bringUp(db, version)).immediate();
}

function bringUp(db: BetterSqlite3.Database, version: number): void {
  for (const added of ADDED.slice(version - 1)) db.exec(added);
  db.pragma(`user_version = ${FORMAT}`);
}
