import type { ErrorCode } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import type { Command, Question } from '../store/store-statement.js';
import type { Contact, HeldSample, LatestSample, PlatformFact } from './derived-state.js';
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

/** (lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs) */
type LatestRow = [number, number, Uint8Array, number, Uint8Array, number, number];

/** And whether its age is lost. Rows and not objects: a fleet has thousands, and is asked of all of them at once. */
type HeldRow = [...LatestRow, 0 | 1];

interface PlatformColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly platform_hash: Uint8Array | null;
  readonly received_at_ms: number;
}

const LATEST = 'SELECT lcu_no, analyser, epoch, n, entry, received_at_ms, age_ms FROM latest';

const HELD = `SELECT latest.lcu_no, latest.analyser, latest.epoch, latest.n, latest.entry, latest.received_at_ms, latest.age_ms,
  lost.n IS NOT NULL FROM ${LATEST_WITH_LOSS}`;

/** The rule of `isNewer` (../newer-sample.ts) within one epoch, asked where the older sample is. */
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

/** What is asked and written of contacts, latest samples and platforms. */
export interface LatestStatements {
  readonly contact: Question<[number], ContactColumns>;
  readonly setContact: Command<[number, number | null, number, string, number, number, number, number, Uint8Array | null]>;
  readonly latest: Question<[number], HeldRow>;
  /** By LCU and analyser, ascending */
  readonly latestOfAll: Question<[], HeldRow>;
  /** (lcuNo, analyser) */
  readonly latestOf: Question<[number, number], LatestRow>;
  /** Changes nothing where the one that is there is of another epoch. */
  readonly setLatest: Command<LatestRow>;
  readonly replaceLatest: Command<LatestRow>;
  readonly platform: Question<[number], PlatformColumns>;
  /** (lcuNo, epoch, n, hash, receivedAtMs) */
  readonly setPlatform: Command<[number, Uint8Array, number, Uint8Array | null, number]>;
}

/** Prepares it. */
export function prepareLatest(db: Database): LatestStatements {
  return {
    contact: db.prepare<[number], ContactColumns>('SELECT * FROM contacts WHERE lcu_no = ?'),
    setContact: db.prepare<[number, number | null, number, string, number, number, number, number, Uint8Array | null]>(
      'INSERT OR REPLACE INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    latest: db.prepare<[number], HeldRow>(`${HELD} WHERE latest.lcu_no = ? ORDER BY latest.analyser`).raw(),
    latestOfAll: db.prepare<[], HeldRow>(`${HELD} ORDER BY latest.lcu_no, latest.analyser`).raw(),
    latestOf: db.prepare<[number, number], LatestRow>(`${LATEST} WHERE lcu_no = ? AND analyser = ?`).raw(),
    setLatest: db.prepare<LatestRow>(SET_LATEST),
    replaceLatest: db.prepare<LatestRow>('INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?, ?, ?)'),
    platform: db.prepare<[number], PlatformColumns>('SELECT * FROM platforms WHERE lcu_no = ?'),
    setPlatform: db.prepare<[number, Uint8Array, number, Uint8Array | null, number]>(SET_PLATFORM),
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
export function toLatest([lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs]: LatestRow): LatestSample {
  return { lcuNo, epoch, n, analyser, entry, receivedAtMs, ageMs };
}

/** The row as it is known outside. */
export function toHeld([lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs, lost]: HeldRow): HeldSample {
  return { lcuNo, epoch, n, analyser, entry, receivedAtMs, ageMs, ageLost: lost === 1 };
}

/** The row as it is known outside. */
export function toPlatform({ lcu_no, epoch, n, platform_hash, received_at_ms }: PlatformColumns): PlatformFact {
  const hash = platform_hash && new Uint8Array(platform_hash);
  return { lcuNo: lcu_no, epoch: new Uint8Array(epoch), n, hash, receivedAtMs: received_at_ms };
}
