import type { StoreSchema } from '../store/store-schema.js';

/** Heads that gap records tell, by entry: gaps themselves are cut to what nothing was held of. */
const TOLD_HEADS = `
    CREATE TABLE told_heads (
      epoch_no INTEGER NOT NULL,
      n INTEGER NOT NULL,
      head BLOB NOT NULL,
      PRIMARY KEY (epoch_no, n)
    ) STRICT, WITHOUT ROWID;`;

/** What was told before there was a table for it. */
const tellEndsOf = (table: string): string => `
    INSERT OR IGNORE INTO told_heads SELECT epoch_no, from_n - 1, prev FROM ${table};
    INSERT OR IGNORE INTO told_heads SELECT epoch_no, to_n, head FROM ${table};`;

/** The first version with `told_heads`. */
export const WITH_TOLD_HEADS = 2;

/** The first version with branches. */
export const WITH_BRANCHES = 3;

/** The first version in which a branch may share what another branch has. */
export const WITH_SOURCES = 5;

/** What branches share with other chains of their epoch. */
const SHARED = `
    CREATE TABLE shared (
      epoch_no INTEGER NOT NULL,
      from_n INTEGER NOT NULL,
      to_n INTEGER NOT NULL,
      prev BLOB NOT NULL,
      head BLOB NOT NULL,
      key INTEGER NOT NULL,
      PRIMARY KEY (epoch_no, from_n)
    ) STRICT, WITHOUT ROWID;`;

/** The first version with `recent`. */
export const WITH_RECENT = 4;

/** Ranges in the order in which they came, at most one of an answer. */
const RECENT = `
    CREATE TABLE recent (
      key INTEGER PRIMARY KEY,
      epoch_no INTEGER NOT NULL,
      from_n INTEGER NOT NULL,
      to_n INTEGER NOT NULL
    ) STRICT;`;

/** The number of the chain that has the bytes (branch-id.ts); before there was a column for it, that was the first. */
const SOURCES = `
    ALTER TABLE shared ADD COLUMN source INTEGER NOT NULL DEFAULT 0;`;

/**
 * One file of the ledger. `answers` is keyed by time (ledger-key.ts): an LCU-first key writes 50 times more. The rest is
 * the identity (lcu, epoch, n): each entry is owned by one row of `ranges` or `recent` or covered by one of `gaps`, or by both when
 * its bytes came after the gap. `carried` is what older files held of an epoch when it was first written here, so that
 * the newest file that names an epoch tells all of it; what lies inside is asked of every file.
 *
 * A range is first written to `recent`, where the ranges of one time lie together, and goes on to `ranges`, where those of
 * one epoch do, with many others: a page of `ranges` is then written once for some rounds and not for each answer
 * (docs/decisions/036-recent-ranges.md).
 *
 * A row of `epochs` is one chain: `epoch` is the epoch, or, of a branch, its id of nine bytes (branch-id.ts). What of a
 * branch is stored with another chain stands in `shared`, with the number of that and the key of the row whose answer showed
 * it. A file that names an epoch names all its branches.
 */
export const LEDGER_SCHEMA: StoreSchema = {
  /** "fLed" */
  applicationId: 0x664c6564,
  version: 5,
  create: `
    CREATE TABLE answers (
      key INTEGER PRIMARY KEY,
      received_at_ms INTEGER NOT NULL,
      epoch_no INTEGER NOT NULL,
      first_n INTEGER NOT NULL,
      base BLOB NOT NULL,
      poll BLOB NOT NULL,
      answer BLOB NOT NULL,
      entries BLOB NOT NULL
    ) STRICT;
    CREATE TABLE epochs (
      epoch_no INTEGER PRIMARY KEY,
      lcu_no INTEGER NOT NULL,
      epoch BLOB NOT NULL,
      UNIQUE (lcu_no, epoch)
    ) STRICT;
    CREATE TABLE ranges (
      epoch_no INTEGER NOT NULL,
      from_n INTEGER NOT NULL,
      to_n INTEGER NOT NULL,
      key INTEGER NOT NULL,
      PRIMARY KEY (epoch_no, from_n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gaps (
      epoch_no INTEGER NOT NULL,
      from_n INTEGER NOT NULL,
      to_n INTEGER NOT NULL,
      prev BLOB NOT NULL,
      head BLOB NOT NULL,
      reason INTEGER NOT NULL,
      key INTEGER NOT NULL,
      PRIMARY KEY (epoch_no, from_n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE carried (
      epoch_no INTEGER NOT NULL,
      from_n INTEGER NOT NULL,
      to_n INTEGER NOT NULL,
      prev BLOB NOT NULL,
      head BLOB NOT NULL,
      PRIMARY KEY (epoch_no, from_n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE judgements (
      judgement_no INTEGER PRIMARY KEY,
      lcu_no INTEGER NOT NULL,
      judged_at_ms INTEGER NOT NULL,
      code TEXT NOT NULL,
      facts TEXT NOT NULL,
      key INTEGER,
      poll BLOB,
      answer BLOB,
      entries BLOB
    ) STRICT;
    CREATE INDEX judgements_of_lcu ON judgements (lcu_no);
    ${TOLD_HEADS}
    ${SHARED}
    ${RECENT}
    ${SOURCES}
  `,
  upgrades: [`${TOLD_HEADS} ${tellEndsOf('gaps')} ${tellEndsOf('carried')}`, SHARED, RECENT, SOURCES],
};
