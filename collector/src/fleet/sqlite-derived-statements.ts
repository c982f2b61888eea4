import type { ErrorCode } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import type { Command, Question } from '../ledger/store-statement.js';
import type { Contact, EventFact, HeldSample, LatestSample, PlatformFact, TableFact } from './derived-state.js';
import type { PanelStay } from './fleet.js';
import { LATEST_WITH_LOSS } from './sqlite-age-losses.js';

interface ContactColumns {
  readonly lcu_no: number;
  readonly last_good_at_ms: number | null;
  readonly last_at_ms: number;
  readonly verdict: string;
  readonly answers_ok: number;
  readonly answers_refused: number;
  readonly entries_stored: number;
  readonly backlog: number;
  readonly code_hash: Uint8Array | null;
}

interface HeldColumns extends LatestColumns {
  readonly age_lost: 0 | 1;
}

interface LatestColumns {
  readonly lcu_no: number;
  readonly analyser: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  readonly received_at_ms: number;
  readonly age_ms: number;
}

/** (lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs) */
type LatestRow = [number, number, Uint8Array, number, Uint8Array, number, number];

interface FactColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly at_ms: number;
  readonly entry: Uint8Array;
  readonly previous_epoch: Uint8Array | null;
  readonly previous_n: number | null;
}

type NewFact = Omit<TableFact, 'previous'> & { readonly previousEpoch: Uint8Array | null; readonly previousN: number | null };

interface EventColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  readonly at_ms: number;
  readonly received_at_ms: number;
  readonly late: number;
}

interface PlatformColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly platform_hash: Uint8Array | null;
  readonly received_at_ms: number;
}

interface AnchorColumns {
  readonly source: string;
  readonly mono_ms: number;
  readonly wall_ms: number;
}

interface StayColumns {
  readonly panel: string;
  readonly lcu_id: string;
  readonly lcu_no: number;
  readonly from_ms: number;
  readonly to_ms: number | null;
}

/** The rule of `isNewer` (newer-sample.ts) within one epoch, asked where the older sample is. */
const SET_LATEST = `
  INSERT INTO latest VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    n = excluded.n, entry = excluded.entry, received_at_ms = excluded.received_at_ms, age_ms = excluded.age_ms
  WHERE excluded.epoch = latest.epoch AND excluded.n > latest.n`;

/** The rule of `isLaterPlatform` (platform-fact.ts), asked where the other one is. */
const SET_PLATFORM = `
  INSERT INTO platforms VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    epoch = excluded.epoch, n = excluded.n, platform_hash = excluded.platform_hash, received_at_ms = excluded.received_at_ms
  WHERE iif(excluded.epoch = platforms.epoch, excluded.n > platforms.n, excluded.received_at_ms > platforms.received_at_ms)`;

/** Events of one LCU that are kept; the ledger keeps all. */
const EVENTS_OF_LCU = 1000;

/** Table entries of one epoch that are taken into account; a panel whose analysers change more often has other troubles. */
const FACTS_OF_EPOCH = 64;

const STAYS = 'SELECT panel, lcu_id, lcu_in_panel.* FROM lcu_in_panel JOIN lcus USING (lcu_no)';

/** What is asked and written of the derived state. */
export interface DerivedStatements {
  readonly contact: Question<[number], ContactColumns>;
  readonly setContact: Command<[number, number | null, number, string, number, number, number, number, Uint8Array | null]>;
  readonly latest: Question<[number], HeldColumns>;
  /** (lcuNo, analyser) */
  readonly latestOf: Question<[number, number], LatestColumns>;
  /** Changes nothing where the one that is there is of another epoch. */
  readonly setLatest: Command<LatestRow>;
  readonly replaceLatest: Command<LatestRow>;
  readonly facts: Question<[number, Uint8Array], FactColumns>;
  readonly start: Question<[number, Uint8Array], FactColumns>;
  /** (lcuNo, epoch): what its start entry names */
  readonly previousEpoch: Question<[number, Uint8Array], Uint8Array | null>;
  readonly successors: Question<[number, Uint8Array | null], FactColumns>;
  readonly factsOfLcu: Question<[number], FactColumns>;
  readonly addFact: Command<[NewFact]>;
  /** (lcuNo, epoch, n, entry, atMs, receivedAtMs, late) */
  readonly addEvent: Command<[number, Uint8Array, number, Uint8Array, number, number, number]>;
  readonly dropOldEvents: Command<[{ readonly lcuNo: number }]>;
  readonly events: Question<[{ readonly lcuNo: number | null; readonly fromMs: number }], EventColumns>;
  /** (lcuNo, boot, source, monoMs, wallMs) */
  readonly addAnchor: Command<[number, Uint8Array, string, number, number]>;
  readonly anchors: Question<[number, Uint8Array], AnchorColumns>;
  readonly platform: Question<[number], PlatformColumns>;
  /** (lcuNo, epoch, n, hash, receivedAtMs) */
  readonly setPlatform: Command<[number, Uint8Array, number, Uint8Array | null, number]>;
  readonly applied: Question<[], number>;
  readonly setApplied: Command<[number]>;
  readonly staysOfLcu: Question<[number], StayColumns>;
  readonly lcusIn: Question<[{ readonly panel: string | null }], number>;
}

/** Prepares it. */
export function prepareDerived(db: Database): DerivedStatements {
  return {
    contact: db.prepare<[number], ContactColumns>('SELECT * FROM contacts WHERE lcu_no = ?'),
    setContact: db.prepare<[number, number | null, number, string, number, number, number, number, Uint8Array | null]>(
      'INSERT OR REPLACE INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    latest: db.prepare<[number], HeldColumns>(
      `SELECT latest.*, lost.n IS NOT NULL AS age_lost FROM ${LATEST_WITH_LOSS} WHERE latest.lcu_no = ? ORDER BY latest.analyser`,
    ),
    latestOf: db.prepare<[number, number], LatestColumns>('SELECT * FROM latest WHERE lcu_no = ? AND analyser = ?'),
    setLatest: db.prepare<LatestRow>(SET_LATEST),
    replaceLatest: db.prepare<LatestRow>('INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?, ?, ?)'),
    facts: db.prepare<[number, Uint8Array], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND epoch = ? ORDER BY n'),
    start: db.prepare<[number, Uint8Array], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND epoch = ? AND n = 1'),
    previousEpoch: db
      .prepare<[number, Uint8Array], Uint8Array | null>(
        'SELECT previous_epoch FROM table_facts WHERE lcu_no = ? AND epoch = ? AND n = 1',
      )
      .pluck(),
    successors: db.prepare<[number, Uint8Array | null], FactColumns>(
      'SELECT * FROM table_facts WHERE lcu_no = ? AND previous_epoch IS ? AND n = 1',
    ),
    factsOfLcu: db.prepare<[number], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ?'),
    addFact: db.prepare<[NewFact]>(
      `INSERT INTO table_facts SELECT :lcuNo, :epoch, :n, :atMs, :entry, :previousEpoch, :previousN
         WHERE :n = 1 OR (SELECT count(*) FROM table_facts WHERE lcu_no = :lcuNo AND epoch = :epoch) < ${FACTS_OF_EPOCH}
         ON CONFLICT DO NOTHING`,
    ),
    addEvent: db.prepare<[number, Uint8Array, number, Uint8Array, number, number, number]>(
      'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    dropOldEvents: db.prepare<[{ readonly lcuNo: number }]>(
      `DELETE FROM events WHERE lcu_no = :lcuNo AND (received_at_ms, epoch, n) <= (
         SELECT received_at_ms, epoch, n FROM events WHERE lcu_no = :lcuNo
         ORDER BY received_at_ms DESC, epoch DESC, n DESC LIMIT 1 OFFSET ${EVENTS_OF_LCU})`,
    ),
    events: db.prepare<[{ readonly lcuNo: number | null; readonly fromMs: number }], EventColumns>(
      `SELECT * FROM events WHERE (:lcuNo IS NULL OR lcu_no = :lcuNo) AND received_at_ms >= :fromMs
       ORDER BY received_at_ms, lcu_no, at_ms, n`,
    ),
    addAnchor: db.prepare<[number, Uint8Array, string, number, number]>(
      'INSERT INTO clock_anchors VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    anchors: db.prepare<[number, Uint8Array], AnchorColumns>(
      'SELECT source, mono_ms, wall_ms FROM clock_anchors WHERE lcu_no = ? AND boot = ?',
    ),
    platform: db.prepare<[number], PlatformColumns>('SELECT * FROM platforms WHERE lcu_no = ?'),
    setPlatform: db.prepare<[number, Uint8Array, number, Uint8Array | null, number]>(SET_PLATFORM),
    applied: db.prepare<[], number>('SELECT key FROM applied').pluck(),
    setApplied: db.prepare<[number]>('UPDATE applied SET key = ?'),
    staysOfLcu: db.prepare<[number], StayColumns>(`${STAYS} WHERE lcu_no = ? ORDER BY from_ms, to_ms IS NULL`),
    lcusIn: db
      .prepare<[{ readonly panel: string | null }], number>(
        'SELECT DISTINCT lcu_no FROM lcu_in_panel WHERE :panel IS NULL OR panel = :panel ORDER BY lcu_no',
      )
      .pluck(),
  };
}

/** The row as it is known outside. */
export function toContact(row: ContactColumns): Contact {
  return {
    lcuNo: row.lcu_no,
    lastGoodAtMs: row.last_good_at_ms,
    lastAtMs: row.last_at_ms,
    verdict: row.verdict as 'ok' | ErrorCode,
    answersOk: row.answers_ok,
    answersRefused: row.answers_refused,
    entriesStored: row.entries_stored,
    backlog: row.backlog,
    codeHash: row.code_hash && new Uint8Array(row.code_hash),
  };
}

/** The row as it is known outside. */
export function toLatest(row: LatestColumns): LatestSample {
  const { lcu_no, epoch, n, analyser, entry, received_at_ms, age_ms } = row;
  return { lcuNo: lcu_no, epoch, n, analyser, entry, receivedAtMs: received_at_ms, ageMs: age_ms };
}

/** The row as it is known outside. */
export function toHeld(row: HeldColumns): HeldSample {
  return { ...toLatest(row), ageLost: row.age_lost === 1 };
}

/** The row as it is known outside. */
export function toFact({ lcu_no, epoch, n, at_ms, entry, previous_epoch, previous_n }: FactColumns): TableFact {
  const previous = previous_epoch && { epoch: previous_epoch, n: previous_n ?? 0 };
  return { lcuNo: lcu_no, epoch, n, atMs: at_ms, entry, previous };
}

/** The row as it is known outside. */
export function toPanelStay({ panel, lcu_id, from_ms, to_ms }: StayColumns): PanelStay {
  return { panel, lcuId: lcu_id, fromMs: from_ms, toMs: to_ms };
}

/** The row as it is known outside. */
export function toEvent({ lcu_no, epoch, n, entry, at_ms, received_at_ms, late }: EventColumns): EventFact {
  return { lcuNo: lcu_no, epoch, n, entry, atMs: at_ms, receivedAtMs: received_at_ms, late: late === 1 };
}

/** The row as it is known outside. */
export function toPlatform({ lcu_no, epoch, n, platform_hash, received_at_ms }: PlatformColumns): PlatformFact {
  const hash = platform_hash && new Uint8Array(platform_hash);
  return { lcuNo: lcu_no, epoch: new Uint8Array(epoch), n, hash, receivedAtMs: received_at_ms };
}
