import type { Database } from 'better-sqlite3';
import { ledgerKey, slotOf } from '../ledger/ledger-key.js';
import type { Question } from '../store/store-statement.js';
import type { AggregateReader, LcuFrame, WithoutPlace } from './aggregate-store.js';
import { onAggregates } from './aggregates-failure.js';
import { spansNotAsked } from './asked-spans.js';
import type { Interval } from './intervals.js';
import { decodeSummary, type QuarterSummary } from './quarter-summary.js';
import { type FactColumns, toFact } from './sqlite-aggregate-statements.js';
import { quarterId } from './sqlite-aggregates-schema.js';

interface PointColumns {
  readonly point_no: number;
  readonly first_quarter: number;
  readonly last_quarter: number;
}

interface Asked {
  readonly lcuNo: number | null;
  readonly prefix: string | null;
}

/** Start and table entries of an LCU, the newest, that tell when its analysers were asked. */
const FACTS_ASKED = 4096;

/** Reads `aggregates.db`. */
export class SqliteAggregateReader implements AggregateReader {
  readonly #db: Database;
  readonly #lookedAt: Question<[], number | null>;
  readonly #points: Question<[Asked], string>;
  readonly #point: Question<[string], PointColumns>;
  readonly #lcusAt: Question<[number], number>;
  readonly #body: Question<[number], Uint8Array>;
  readonly #frame: Question<[number], string>;
  readonly #facts: Question<[number, number], FactColumns>;
  readonly #without: Question<[number, number], WithoutPlace>;
  readonly #leftOut: Question<[string, number], number>;

  constructor(db: Database) {
    this.#db = db;
    this.#lookedAt = db.prepare<[], number | null>('SELECT looked_at_ms FROM pass').pluck();
    this.#points = db
      .prepare<[Asked], string>(
        `SELECT point FROM points
         WHERE (:lcuNo IS NULL OR point_no IN (SELECT point_no FROM points_of_lcu WHERE lcu_no = :lcuNo))
           AND (:prefix IS NULL OR substr(point, 1, length(:prefix)) = :prefix) ORDER BY point`,
      )
      .pluck();
    this.#point = db.prepare<[string], PointColumns>('SELECT point_no, first_quarter, last_quarter FROM points WHERE point = ?');
    this.#lcusAt = db.prepare<[number], number>('SELECT lcu_no FROM points_of_lcu WHERE point_no = ? ORDER BY lcu_no').pluck();
    this.#body = db.prepare<[number], Uint8Array>('SELECT body FROM quarters WHERE id = ?').pluck();
    this.#frame = db.prepare<[number], string>('SELECT frame FROM frames WHERE lcu_no = ?').pluck();
    this.#facts = db.prepare<[number, number], FactColumns>(
      `SELECT lcu_no, epoch, n, at_ms, entry FROM epochs JOIN facts USING (epoch_no) WHERE lcu_no = ? ORDER BY at_ms DESC LIMIT ?`,
    );
    this.#without = db.prepare<[number, number], WithoutPlace>(
      `SELECT ifnull(sum(undated), 0) AS undated, ifnull(sum(unplaced), 0) AS unplaced, ifnull(sum(barred), 0) AS barred
       FROM epochs JOIN rows USING (epoch_no) WHERE lcu_no = ? AND key >= ?`,
    );
    this.#leftOut = db
      .prepare<[string, number], number>(
        `SELECT count(*) FROM left_out
         WHERE (lcu_no IS NULL OR lcu_no IN (SELECT value FROM json_each(?))) AND until_ms >= ?`,
      )
      .pluck();
  }

  lookedAtMs(): number | null {
    return this.#ask(() => this.#lookedAt.get()) ?? null;
  }

  points({ lcuNo, panel }: { readonly lcuNo?: number | undefined; readonly panel?: string | undefined }): readonly string[] {
    const prefix = panel === undefined ? null : `${panel}/`;
    return this.#ask(() => this.#points.all({ lcuNo: lcuNo ?? null, prefix }));
  }

  lcusAt(point: string): readonly number[] {
    const row = this.#ask(() => this.#point.get(point));
    return row ? this.#ask(() => this.#lcusAt.all(row.point_no)) : [];
  }

  span(point: string): { readonly first: number; readonly last: number } | undefined {
    const row = this.#ask(() => this.#point.get(point));
    return row && { first: row.first_quarter, last: row.last_quarter };
  }

  quarter(point: string, quarter: number): QuarterSummary | undefined {
    const row = this.#ask(() => this.#point.get(point));
    const body = row && this.#ask(() => this.#body.get(quarterId(quarter, row.point_no)));
    return body && decodeSummary(body);
  }

  notAsked(point: string): readonly Interval[] {
    const lcus = this.lcusAt(point).map((lcuNo) => {
      const frame = this.#ask(() => this.#frame.get(lcuNo));
      const facts = this.#ask(() => this.#facts.all(lcuNo, FACTS_ASKED)).map(toFact);
      return { stays: frame === undefined ? [] : (JSON.parse(frame) as LcuFrame).stays, facts };
    });
    return spansNotAsked(lcus, point);
  }

  withoutPlace(lcuNo: number, receivedFromMs: number): WithoutPlace {
    const lowest = ledgerKey({ slot: Math.max(0, slotOf(receivedFromMs)), lcuNo: 0, ordinal: 0 });
    return this.#ask(() => this.#without.get(lcuNo, lowest)) ?? { undated: 0, unplaced: 0, barred: 0 };
  }

  leftOut(lcuNos: readonly number[], receivedFromMs: number): number {
    return this.#ask(() => this.#leftOut.get(JSON.stringify(lcuNos), receivedFromMs)) ?? 0;
  }

  close(): void {
    this.#db.close();
  }

  #ask<Value>(work: () => Value): Value {
    return onAggregates(this.#db.name, work);
  }
}
