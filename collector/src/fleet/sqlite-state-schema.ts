import type { StoreSchema } from '../store/store-schema.js';

/** What is said of code hashes. A revocation, of an operator or of release keys, is never taken back. */
const RELEASES = `
    CREATE TABLE releases (
      code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),
      file BLOB,
      added_at_ms INTEGER NOT NULL,
      revoked_at_ms INTEGER,
      revoked_reason TEXT
    ) STRICT;
    CREATE TRIGGER revocations_stay BEFORE UPDATE OF code_hash, revoked_at_ms, revoked_reason ON releases
      WHEN OLD.revoked_at_ms IS NOT NULL
      BEGIN SELECT RAISE(ABORT, 'a revocation is never taken back'); END;
    CREATE TRIGGER releases_are_kept BEFORE DELETE ON releases
      BEGIN SELECT RAISE(ABORT, 'what was said of code is kept'); END;`;

/** What people judged of platforms: every judgement stays, and the last on a hash holds. */
const PLATFORM_JUDGEMENTS = `
    CREATE TABLE platform_judgements (
      judgement_no INTEGER PRIMARY KEY,
      platform_hash BLOB NOT NULL CHECK (length(platform_hash) = 32),
      verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'revoked')),
      judged_at_ms INTEGER NOT NULL,
      reason TEXT NOT NULL,
      judged_by TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER platform_judgements_stay BEFORE UPDATE ON platform_judgements
      BEGIN SELECT RAISE(ABORT, 'a judgement stays as it was made'); END;
    CREATE TRIGGER platform_judgements_are_kept BEFORE DELETE ON platform_judgements
      BEGIN SELECT RAISE(ABORT, 'what was judged of platforms is kept'); END;`;

/** Derived: what each LCU told last of what it runs on. */
const PLATFORMS = `
    CREATE TABLE platforms (
      lcu_no INTEGER PRIMARY KEY,
      epoch BLOB NOT NULL,
      n INTEGER NOT NULL,
      platform_hash BLOB,
      received_at_ms INTEGER NOT NULL
    ) STRICT;`;

/** The tables of `state.db` that are derived from the ledger; the others are entered by people. */
export const DERIVED_TABLES = ['contacts', 'latest', 'table_facts', 'events', 'clock_anchors', 'platforms', 'applied'] as const;

/** Which keys statement each LCU said that it goes by. */
const KEYS_TAKEN = `
    CREATE TABLE keys_taken (
      lcu_no INTEGER PRIMARY KEY,
      sequence INTEGER NOT NULL,
      keys_hash BLOB NOT NULL CHECK (length(keys_hash) = 32),
      at_ms INTEGER NOT NULL
    ) STRICT;`;

/** Which epochs name which one as the epoch before, with all that is asked of them, by the time when they began. */
const SUCCESSORS_INDEX = 'CREATE INDEX successors ON table_facts (lcu_no, previous_epoch, at_ms, previous_n) WHERE n = 1;';

/** What LCUs were, or are to be, ordered. A number counts for one LCU. */
const COMMANDS = `
    CREATE TABLE commands (
      lcu_no INTEGER NOT NULL REFERENCES lcus,
      sequence INTEGER NOT NULL,
      command INTEGER NOT NULL,
      argument BLOB NOT NULL,
      ordered_by TEXT NOT NULL,
      reason TEXT NOT NULL,
      ordered_at_ms INTEGER NOT NULL,
      valid_until_ms INTEGER NOT NULL,
      outcome TEXT,
      detail TEXT,
      answered_at_ms INTEGER,
      PRIMARY KEY (lcu_no, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX commands_waiting ON commands (lcu_no) WHERE outcome IS NULL;`;

/** Of which latest values and contacts the age is lost (age-losses.ts): no fact of the ledger, so that no rebuild takes it. */
const LOST_AGES = `
    CREATE TABLE lost_ages (
      lcu_no INTEGER NOT NULL,
      analyser INTEGER NOT NULL,
      epoch BLOB NOT NULL,
      n INTEGER NOT NULL,
      PRIMARY KEY (lcu_no, analyser)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE lost_contacts (
      lcu_no INTEGER PRIMARY KEY,
      last_good_at_ms INTEGER NOT NULL
    ) STRICT;`;

/** Every decision about LCUs, with what was stored then: what counts is known by it where the ledger is lost. */
const DECISIONS = `
    CREATE TABLE decisions (
      decision_no INTEGER PRIMARY KEY,
      lcu_no INTEGER NOT NULL REFERENCES lcus,
      decision TEXT NOT NULL CHECK (decision IN ('quarantined', 'released', 'revoked', 'retired')),
      decided_at_ms INTEGER NOT NULL,
      reason TEXT NOT NULL,
      decided_by TEXT NOT NULL,
      stored TEXT
    ) STRICT;
    CREATE INDEX decisions_of_lcu ON decisions (lcu_no, decision_no);
    CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
      BEGIN SELECT RAISE(ABORT, 'a decision stays as it was made'); END;
    CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions
      BEGIN SELECT RAISE(ABORT, 'what was decided is kept'); END;`;

/** Of before, the last decision of each LCU alone is known. */
const LAST_DECISIONS = `
    INSERT INTO decisions (lcu_no, decision, decided_at_ms, reason, decided_by)
      SELECT lcu_no, decision, decided_at_ms, decision_reason, decided_by FROM lcus WHERE decision IS NOT NULL
      ORDER BY decided_at_ms;`;

/**
 * `state.db`. The first part is the fleet, entered by people and not to be lost; the second is derived from the ledger
 * and can be made again.
 */
export const STATE_SCHEMA: StoreSchema = {
  /** "fSta" */
  applicationId: 0x66537461,
  version: 8,
  create: `
    CREATE TABLE lcus (
      lcu_no INTEGER PRIMARY KEY CHECK (lcu_no BETWEEN 0 AND 1048575),
      lcu_id TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL CHECK (state IN ('invited', 'pending', 'active', 'quarantined', 'revoked', 'retired')),
      assurance INTEGER NOT NULL CHECK (assurance BETWEEN 0 AND 3),
      added_at_ms INTEGER NOT NULL,
      decision TEXT CHECK (decision IN ('quarantined', 'released', 'revoked', 'retired')),
      decided_at_ms INTEGER,
      decision_reason TEXT,
      decided_by TEXT
    ) STRICT;
    CREATE TABLE lcu_keys (
      kid BLOB PRIMARY KEY,
      lcu_no INTEGER NOT NULL REFERENCES lcus,
      public_key BLOB NOT NULL UNIQUE,
      request BLOB NOT NULL,
      words TEXT NOT NULL,
      token_hash BLOB NOT NULL UNIQUE REFERENCES invitations,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX one_key_at_a_time ON lcu_keys (lcu_no) WHERE to_ms IS NULL;
    CREATE INDEX keys_of_lcu ON lcu_keys (lcu_no, from_ms);
    CREATE TABLE invitations (
      token_hash BLOB PRIMARY KEY,
      lcu_no INTEGER NOT NULL REFERENCES lcus,
      expires_at_ms INTEGER NOT NULL,
      used_at_ms INTEGER,
      replaced_at_ms INTEGER
    ) STRICT;
    CREATE INDEX invitations_of_lcu ON invitations (lcu_no);
    CREATE TABLE panels (
      panel TEXT PRIMARY KEY,
      added_at_ms INTEGER NOT NULL,
      time_zone TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE lcu_in_panel (
      lcu_no INTEGER NOT NULL REFERENCES lcus,
      panel TEXT NOT NULL REFERENCES panels,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX one_panel_at_a_time ON lcu_in_panel (lcu_no) WHERE to_ms IS NULL;
    CREATE INDEX stays_of_lcu ON lcu_in_panel (lcu_no, from_ms);
    CREATE INDEX stays_in_panel ON lcu_in_panel (panel);
    CREATE TABLE fleet_version (version INTEGER NOT NULL) STRICT;
    INSERT INTO fleet_version VALUES (0);

    CREATE TRIGGER lcu_numbers_are_not_reused BEFORE DELETE ON lcus
      BEGIN SELECT RAISE(ABORT, 'an LCU is retired, never deleted'); END;
    CREATE TRIGGER keys_are_kept BEFORE DELETE ON lcu_keys
      BEGIN SELECT RAISE(ABORT, 'the history of keys is kept'); END;
    CREATE TRIGGER identity_never_changes BEFORE UPDATE OF kid, lcu_no, public_key, token_hash ON lcu_keys
      BEGIN SELECT RAISE(ABORT, 'an identity never changes by itself'); END;
    CREATE TRIGGER approval_seals_the_words BEFORE UPDATE OF request, words ON lcu_keys
      WHEN (SELECT state FROM lcus WHERE lcu_no = OLD.lcu_no) <> 'pending'
      BEGIN SELECT RAISE(ABORT, 'what was approved stays as it was'); END;

    CREATE TABLE contacts (
      lcu_no INTEGER PRIMARY KEY,
      last_good_at_ms INTEGER,
      last_at_ms INTEGER NOT NULL,
      verdict TEXT NOT NULL,
      answers_ok INTEGER NOT NULL,
      answers_refused INTEGER NOT NULL,
      entries_stored INTEGER NOT NULL,
      backlog INTEGER NOT NULL,
      code_hash BLOB
    ) STRICT;
    CREATE TABLE latest (
      lcu_no INTEGER NOT NULL,
      analyser INTEGER NOT NULL,
      epoch BLOB NOT NULL,
      n INTEGER NOT NULL,
      entry BLOB NOT NULL,
      received_at_ms INTEGER NOT NULL,
      age_ms INTEGER NOT NULL,
      PRIMARY KEY (lcu_no, analyser)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE table_facts (
      lcu_no INTEGER NOT NULL,
      epoch BLOB NOT NULL,
      n INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      entry BLOB NOT NULL,
      previous_epoch BLOB,
      previous_n INTEGER,
      PRIMARY KEY (lcu_no, epoch, n)
    ) STRICT, WITHOUT ROWID;
    ${SUCCESSORS_INDEX}
    CREATE TABLE events (
      lcu_no INTEGER NOT NULL,
      epoch BLOB NOT NULL,
      n INTEGER NOT NULL,
      entry BLOB NOT NULL,
      at_ms INTEGER NOT NULL,
      received_at_ms INTEGER NOT NULL,
      late INTEGER NOT NULL,
      PRIMARY KEY (lcu_no, epoch, n)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX events_by_receipt ON events (lcu_no, received_at_ms);
    CREATE TABLE clock_anchors (
      lcu_no INTEGER NOT NULL,
      boot BLOB NOT NULL,
      source TEXT NOT NULL CHECK (source IN ('contact', 'clock')),
      mono_ms INTEGER NOT NULL,
      wall_ms INTEGER NOT NULL,
      PRIMARY KEY (lcu_no, boot, source)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE applied (key INTEGER NOT NULL) STRICT;
    INSERT INTO applied VALUES (0);
    ${RELEASES}
    ${PLATFORM_JUDGEMENTS}
    ${PLATFORMS}
    ${KEYS_TAKEN}
    ${COMMANDS}
    ${LOST_AGES}
    ${DECISIONS}
  `,
  upgrades: [
    `ALTER TABLE contacts ADD COLUMN code_hash BLOB; ${RELEASES}`,
    `${PLATFORM_JUDGEMENTS} ${PLATFORMS}`,
    'ALTER TABLE panels ADD COLUMN time_zone TEXT;',
    KEYS_TAKEN + COMMANDS,
    `DROP INDEX successors; ${SUCCESSORS_INDEX}`,
    LOST_AGES,
    DECISIONS + LAST_DECISIONS,
  ],
};
