import type { Database } from 'better-sqlite3';
import type { Question } from '../store/store-statement.js';
import type { PanelStay } from './fleet.js';

interface StayColumns {
  readonly panel: string;
  readonly lcu_id: string;
  readonly lcu_no: number;
  readonly from_ms: number;
  readonly to_ms: number | null;
}

const STAYS = 'SELECT panel, lcu_id, lcu_in_panel.* FROM lcu_in_panel JOIN lcus USING (lcu_no)';

/** What is asked of LCUs in panels. */
export interface StayStatements {
  readonly staysOfLcu: Question<[number], StayColumns>;
  readonly lcusIn: Question<[{ readonly panel: string | null }], number>;
}

/** Prepares it. */
export function prepareStays(db: Database): StayStatements {
  return {
    staysOfLcu: db.prepare<[number], StayColumns>(`${STAYS} WHERE lcu_no = ? ORDER BY from_ms, to_ms IS NULL`),
    lcusIn: db
      .prepare<[{ readonly panel: string | null }], number>(
        'SELECT DISTINCT lcu_no FROM lcu_in_panel WHERE :panel IS NULL OR panel = :panel ORDER BY lcu_no',
      )
      .pluck(),
  };
}

/** The row as it is known outside. */
export function toPanelStay({ panel, lcu_id, from_ms, to_ms }: StayColumns): PanelStay {
  return { panel, lcuId: lcu_id, fromMs: from_ms, toMs: to_ms };
}
