import { FarolaError } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { Command, Question } from '../store/store-statement.js';
import type { Panel, Panels } from './panels.js';
import { changeFleet } from './sqlite-change.js';

interface PanelColumns {
  readonly panel: string;
  readonly added_at_ms: number;
  readonly time_zone: string | null;
}

/** The panels in `state.db`. */
export class SqlitePanels implements Panels {
  readonly #db: Database;
  readonly #list: Question<[], PanelColumns>;
  readonly #lcusIn: Question<[string], string>;
  readonly #setTimeZone: Command<[string | null, string]>;

  constructor(db: Database) {
    this.#db = db;
    this.#list = db.prepare<[], PanelColumns>('SELECT panel, added_at_ms, time_zone FROM panels ORDER BY panel');
    this.#lcusIn = db
      .prepare<[string], string>(
        'SELECT lcu_id FROM lcu_in_panel JOIN lcus USING (lcu_no) WHERE panel = ? AND to_ms IS NULL ORDER BY lcu_id',
      )
      .pluck();
    this.#setTimeZone = db.prepare<[string | null, string]>('UPDATE panels SET time_zone = ? WHERE panel = ?');
  }

  list(): readonly Panel[] {
    return onStore(this.#db.name, () =>
      this.#list.all().map(({ panel, added_at_ms, time_zone }) => {
        return { panel, addedAtMs: added_at_ms, timeZone: time_zone, lcus: this.#lcusIn.all(panel) };
      }),
    );
  }

  setTimeZone(panel: string, timeZone: string | null): void {
    changeFleet(this.#db, () => {
      if (this.#setTimeZone.run(timeZone, panel).changes === 0) throw new FarolaError('panel-unknown', { panel });
    });
  }
}
