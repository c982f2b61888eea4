import type { Database } from 'better-sqlite3';
import type { Command, Question } from '../store/store-statement.js';
import type { EventFact } from './derived-state.js';

interface EventColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  readonly at_ms: number;
  readonly received_at_ms: number;
  readonly late: number;
}

/** Events of one LCU that are kept; the ledger keeps all. */
const EVENTS_OF_LCU = 1000;

/** What is asked and written of events. */
export interface EventStatements {
  /** (lcuNo, epoch, n, entry, atMs, receivedAtMs, late) */
  readonly addEvent: Command<[number, Uint8Array, number, Uint8Array, number, number, number]>;
  readonly dropOldEvents: Command<[{ readonly lcuNo: number }]>;
  readonly events: Question<[{ readonly lcuNo: number | null; readonly fromMs: number }], EventColumns>;
}

/** Prepares it. */
export function prepareEvents(db: Database): EventStatements {
  return {
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
  };
}

/** The row as it is known outside. */
export function toEvent({ lcu_no, epoch, n, entry, at_ms, received_at_ms, late }: EventColumns): EventFact {
  return { lcuNo: lcu_no, epoch, n, entry, atMs: at_ms, receivedAtMs: received_at_ms, late: late === 1 };
}
