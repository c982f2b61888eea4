import type { StoreSchema } from '../store/store-schema.js';

const TABLES = `
    CREATE TABLE pass (looked_at_ms INTEGER) STRICT;
    INSERT INTO pass VALUES (NULL);
    CREATE TABLE points (
      point_no INTEGER PRIMARY KEY CHECK (point_no < 16777216),
      point TEXT NOT NULL UNIQUE,
      first_quarter INTEGER NOT NULL,
      last_quarter INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE points_of_lcu (
      lcu_no INTEGER NOT NULL,
      point_no INTEGER NOT NULL,
      PRIMARY KEY (lcu_no, point_no)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE epochs (
      epoch_no INTEGER PRIMARY KEY,
      lcu_no INTEGER NOT NULL,
      epoch BLOB NOT NULL,
      boot BLOB,
      UNIQUE (lcu_no, epoch)
    ) STRICT;
    CREATE INDEX epochs_of_boot ON epochs (lcu_no, boot);
    CREATE TABLE facts (
      epoch_no INTEGER NOT NULL,
      n INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      entry BLOB NOT NULL,
      PRIMARY KEY (epoch_no, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE anchors (
      lcu_no INTEGER NOT NULL,
      boot BLOB NOT NULL,
      source TEXT NOT NULL CHECK (source IN ('contact', 'clock')),
      key INTEGER NOT NULL,
      mono_ms INTEGER NOT NULL,
      wall_ms INTEGER NOT NULL,
      PRIMARY KEY (lcu_no, boot, source)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE frames (
      lcu_no INTEGER PRIMARY KEY,
      frame TEXT NOT NULL
    ) STRICT;
    CREATE TABLE rows (
      key INTEGER PRIMARY KEY,
      epoch_no INTEGER NOT NULL,
      undated INTEGER NOT NULL DEFAULT 0,
      unplaced INTEGER NOT NULL DEFAULT 0,
      barred INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX rows_of_epoch ON rows (epoch_no);
    CREATE TABLE sources (
      quarter INTEGER NOT NULL,
      point_no INTEGER NOT NULL,
      key INTEGER NOT NULL,
      PRIMARY KEY (quarter, point_no, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sources_of_row ON sources (key);
    CREATE TABLE dirty (
      quarter INTEGER NOT NULL,
      point_no INTEGER NOT NULL,
      PRIMARY KEY (quarter, point_no)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE quarters (
      id INTEGER PRIMARY KEY,
      body BLOB NOT NULL
    ) STRICT;
`;

/** What of the ledger they were made without. */
const LEFT_OUT = `
    CREATE TABLE IF NOT EXISTS left_out (
      place_no INTEGER PRIMARY KEY,
      key INTEGER UNIQUE,
      lcu_no INTEGER,
      until_ms INTEGER NOT NULL
    ) STRICT;
`;
const NAMES = [...TABLES.matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name);

/** Empties every table: the follower of the ledger then makes all anew. */
const ANEW = NAMES.map((name) => `DROP TABLE IF EXISTS ${name};`).join('\n') + TABLES;

/**
 * `aggregates.db`, derived from ledger and fleet; it can be deleted, and is made anew. Quarters and their sources are
 * keyed by time, as the ledger is and for the same reason: what is written at one time lies together. A change of what a
 * quarter is made of needs a new version, whose upgrade empties every table.
 */
export const AGGREGATES_SCHEMA: StoreSchema = {
  /** "fAgg" */
  applicationId: 0x66416767,
  version: 7,
  create: TABLES + LEFT_OUT,
  upgrades: [ANEW, ANEW, ANEW, ANEW, ANEW, LEFT_OUT],
};

const POINT_LIMIT = 2 ** 24;

/** Key of a quarter of a point: by time first. By multiplication, since shifts have 32 bits. */
export function quarterId(quarter: number, pointNo: number): number {
  return quarter * POINT_LIMIT + pointNo;
}
