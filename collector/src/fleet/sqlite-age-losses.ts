import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { Command, Question } from '../store/store-statement.js';
import type { AgeLosses } from './age-losses.js';
import { durably } from './sqlite-change.js';

/** Latest values with the loss of their age, where there is one. */
export const LATEST_WITH_LOSS = `latest LEFT JOIN lost_ages AS lost
  ON lost.lcu_no = latest.lcu_no AND lost.analyser = latest.analyser AND lost.epoch = latest.epoch AND lost.n = latest.n`;

interface Later {
  readonly laterThanMs: number;
}

/** Lost ages in `state.db`, one at the most for each place of a latest value, and for each LCU. */
export class SqliteAgeLosses implements AgeLosses {
  readonly #path: string;
  readonly #newest: Question<[], number | null>;
  readonly #contact: Question<[number, number], number>;
  readonly #lose: (later: Later) => number;

  constructor(db: Database) {
    this.#path = db.name;
    this.#newest = db
      .prepare<[], number | null>(`SELECT max(received_at_ms) FROM ${LATEST_WITH_LOSS} WHERE lost.n IS NULL`)
      .pluck();
    this.#contact = db
      .prepare<[number, number], number>('SELECT 1 FROM lost_contacts WHERE lcu_no = ? AND last_good_at_ms = ?')
      .pluck();
    const values: Command<[Later]> = db.prepare(`INSERT OR REPLACE INTO lost_ages
      SELECT latest.lcu_no, latest.analyser, latest.epoch, latest.n FROM ${LATEST_WITH_LOSS}
      WHERE lost.n IS NULL AND latest.received_at_ms > :laterThanMs`);
    const contacts: Command<[Later]> = db.prepare(`INSERT OR REPLACE INTO lost_contacts
      SELECT lcu_no, last_good_at_ms FROM contacts WHERE last_good_at_ms > :laterThanMs`);
    const both = db.transaction((later: Later) => {
      contacts.run(later);
      return values.run(later).changes;
    });
    this.#lose = (later) => durably(db, () => both.immediate(later));
  }

  lose(laterThanMs = -1): number {
    return onStore(this.#path, () => this.#lose({ laterThanMs }));
  }

  newestMs(): number | undefined {
    return onStore(this.#path, () => this.#newest.get()) ?? undefined;
  }

  isContactLost(lcuNo: number, lastGoodAtMs: number | null): boolean {
    return lastGoodAtMs !== null && onStore(this.#path, () => this.#contact.get(lcuNo, lastGoodAtMs)) !== undefined;
  }
}
