import type BetterSqlite3 from 'better-sqlite3';
import type { Command, Question } from '../store/store-statement.js';

/** An LCU with its panel and present key. */
export interface LcuColumns {
  readonly lcu_no: number;
  readonly lcu_id: string;
  readonly state: string;
  readonly assurance: number;
  readonly added_at_ms: number;
  readonly panel: string;
  readonly kid: Uint8Array | null;
  readonly public_key: Uint8Array | null;
  readonly request: Uint8Array | null;
  readonly from_ms: number | null;
  readonly to_ms: number | null;
  readonly decision: string | null;
  readonly decided_at_ms: number | null;
  readonly decision_reason: string | null;
  readonly decided_by: string | null;
}

/** One row of `lcu_keys`. */
export interface KeyColumns {
  readonly kid: Uint8Array;
  readonly public_key: Uint8Array;
  readonly request: Uint8Array;
  readonly words: string;
  readonly from_ms: number;
  readonly to_ms: number | null;
}

/** One row of `decisions`. */
export interface DecisionColumns {
  readonly decision: string;
  readonly decided_at_ms: number;
  readonly reason: string;
  readonly decided_by: string;
  readonly stored: string | null;
}

/** One row of `invitations` with the name of its LCU. */
export interface InvitationColumns {
  readonly lcu_id: string;
  readonly token_hash: Uint8Array;
  readonly expires_at_ms: number;
  readonly used_at_ms: number | null;
  readonly replaced_at_ms: number | null;
}

/** A key that was dropped while it was pending was in force for no time. */
const LCU = `
  SELECT lcus.*, stay.panel, kid, public_key, request, lcu_keys.from_ms, lcu_keys.to_ms
  FROM lcus
  JOIN lcu_in_panel AS stay ON stay.lcu_no = lcus.lcu_no AND stay.to_ms IS NULL
  LEFT JOIN lcu_keys ON kid = (
    SELECT kid FROM lcu_keys AS one WHERE one.lcu_no = lcus.lcu_no AND (to_ms IS NULL OR to_ms > from_ms)
    ORDER BY to_ms IS NULL DESC, from_ms DESC LIMIT 1)`;

/** What is asked and written of the fleet. */
export interface FleetStatements {
  readonly version: Question<[], number>;
  readonly lcu: Question<[string], LcuColumns>;
  readonly lcuByKid: Question<[{ kid: Uint8Array }], LcuColumns>;
  readonly lcus: Question<[], LcuColumns>;
  readonly nextNo: Question<[], number>;
  /** (lcuNo, lcuId, addedAtMs) */
  readonly addLcu: Command<[number, string, number]>;
  /** (state, assurance, lcuNo) */
  readonly setState: Command<[string, number, number]>;
  /** (decision, atMs, reason, by, lcuNo) */
  readonly setStanding: Command<[string | null, number | null, string | null, string | null, number]>;
  /** (lcuNo, decision, atMs, reason, by, stored) */
  readonly addDecision: Command<[number, string, number, string, string, string | null]>;
  readonly decisions: Question<[number], DecisionColumns>;
  readonly keys: Question<[number], KeyColumns>;
  /** (kid, publicKey) */
  readonly keyKnown: Question<[Uint8Array, Uint8Array], number>;
  /** (kid, lcuNo, publicKey, request, words, tokenHash, fromMs) */
  readonly addKey: Command<[Uint8Array, number, Uint8Array, Uint8Array, string, Uint8Array, number]>;
  /** (request, words, kid) */
  readonly renewRequest: Command<[Uint8Array, string, Uint8Array]>;
  /** (lcuNo): a pending key never was in force */
  readonly dropPendingKey: Command<[number]>;
  /** (toMs, lcuNo) */
  readonly endKey: Command<[number, number]>;
  /** (fromMs, lcuNo) */
  readonly keyInForce: Command<[number, number]>;
  readonly invitation: Question<[Uint8Array], InvitationColumns>;
  /** (tokenHash, lcuNo, expiresAtMs) */
  readonly addInvitation: Command<[Uint8Array, number, number]>;
  /** (atMs, lcuNo): those that are open */
  readonly endInvitations: Command<[number, number]>;
  /** (atMs, tokenHash) */
  readonly useInvitation: Command<[number, Uint8Array]>;
  /** (panel, atMs) */
  readonly addPanel: Command<[string, number]>;
  /** (atMs, lcuNo) */
  readonly endStay: Command<[number, number]>;
  /** (lcuNo, panel, atMs) */
  readonly beginStay: Command<[number, string, number]>;
}

/** Prepares it. */
export function prepareFleet(db: BetterSqlite3.Database): FleetStatements {
  return {
    version: db.prepare<[], number>('SELECT version FROM fleet_version').pluck(),
    lcu: db.prepare<[string], LcuColumns>(`${LCU} WHERE lcu_id = ?`),
    lcuByKid: db.prepare<[{ kid: Uint8Array }], LcuColumns>(
      `${LCU} WHERE lcus.lcu_no = (SELECT lcu_no FROM lcu_keys WHERE kid = :kid) AND kid = :kid`,
    ),
    lcus: db.prepare<[], LcuColumns>(`${LCU} ORDER BY lcu_id`),
    nextNo: db.prepare<[], number>('SELECT ifnull(max(lcu_no) + 1, 0) FROM lcus').pluck(),
    addLcu: db.prepare<[number, string, number]>(
      "INSERT INTO lcus (lcu_no, lcu_id, state, assurance, added_at_ms) VALUES (?, ?, 'invited', 0, ?)",
    ),
    setState: db.prepare<[string, number, number]>('UPDATE lcus SET state = ?, assurance = ? WHERE lcu_no = ?'),
    setStanding: db.prepare<[string | null, number | null, string | null, string | null, number]>(
      'UPDATE lcus SET decision = ?, decided_at_ms = ?, decision_reason = ?, decided_by = ? WHERE lcu_no = ?',
    ),
    addDecision: db.prepare<[number, string, number, string, string, string | null]>(
      'INSERT INTO decisions (lcu_no, decision, decided_at_ms, reason, decided_by, stored) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    decisions: db.prepare<[number], DecisionColumns>('SELECT * FROM decisions WHERE lcu_no = ? ORDER BY decision_no'),
    keys: db.prepare<[number], KeyColumns>('SELECT * FROM lcu_keys WHERE lcu_no = ? ORDER BY from_ms'),
    keyKnown: db.prepare<[Uint8Array, Uint8Array], number>('SELECT 1 FROM lcu_keys WHERE kid = ? OR public_key = ?').pluck(),
    addKey: db.prepare<[Uint8Array, number, Uint8Array, Uint8Array, string, Uint8Array, number]>(
      'INSERT INTO lcu_keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)',
    ),
    renewRequest: db.prepare<[Uint8Array, string, Uint8Array]>('UPDATE lcu_keys SET request = ?, words = ? WHERE kid = ?'),
    dropPendingKey: db.prepare<[number]>('UPDATE lcu_keys SET to_ms = from_ms WHERE lcu_no = ? AND to_ms IS NULL'),
    endKey: db.prepare<[number, number]>('UPDATE lcu_keys SET to_ms = max(?, from_ms) WHERE lcu_no = ? AND to_ms IS NULL'),
    keyInForce: db.prepare<[number, number]>('UPDATE lcu_keys SET from_ms = ? WHERE lcu_no = ? AND to_ms IS NULL'),
    invitation: db.prepare<[Uint8Array], InvitationColumns>(
      'SELECT lcu_id, invitations.* FROM invitations JOIN lcus USING (lcu_no) WHERE token_hash = ?',
    ),
    addInvitation: db.prepare<[Uint8Array, number, number]>('INSERT INTO invitations VALUES (?, ?, ?, NULL, NULL)'),
    endInvitations: db.prepare<[number, number]>(
      'UPDATE invitations SET replaced_at_ms = ? WHERE lcu_no = ? AND used_at_ms IS NULL AND replaced_at_ms IS NULL',
    ),
    useInvitation: db.prepare<[number, Uint8Array]>('UPDATE invitations SET used_at_ms = ? WHERE token_hash = ?'),
    addPanel: db.prepare<[string, number]>('INSERT INTO panels (panel, added_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    endStay: db.prepare<[number, number]>('UPDATE lcu_in_panel SET to_ms = ? WHERE lcu_no = ? AND to_ms IS NULL'),
    beginStay: db.prepare<[number, string, number]>('INSERT INTO lcu_in_panel VALUES (?, ?, ?, NULL)'),
  };
}
