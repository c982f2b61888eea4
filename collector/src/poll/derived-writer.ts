import { deriveFromAnswer } from '../fleet/derive-change.js';
import type { DerivedState, LatestSample, TableFact } from '../fleet/fleet.js';
import type { CommittedAnswer } from '../ledger/group-commit.js';
import type { Contacts } from './contacts.js';
import type { AnswerToStore } from './take-answer.js';

/** Writes what committed answers and ended polls change in the derived state. */
export class DerivedWriter {
  readonly #state: Pick<DerivedState, 'apply' | 'appliedKey'>;
  readonly #contacts: Contacts;

  constructor(state: Pick<DerivedState, 'apply' | 'appliedKey'>, contacts: Contacts) {
    this.#state = state;
    this.#contacts = contacts;
  }

  /** Takes a committed batch in: tables, latest samples, and the contacts that changed until now. */
  committed(batch: readonly CommittedAnswer<AnswerToStore>[]): void {
    const latest: LatestSample[] = [];
    const tables: TableFact[] = [];
    let upToKey = 0;
    for (const { answer, key } of batch) {
      const { lcuNo, receivedAtMs, parsed, first, items, adds, bootOfEpoch } = answer;
      const change = deriveFromAnswer({ lcuNo, receivedAtMs, answer: parsed, first, entries: items, adds, bootOfEpoch });
      latest.push(...change.latest);
      tables.push(...change.tables);
      upToKey = Math.max(upToKey, key);
    }
    this.#state.apply({ contacts: this.#contacts.takeChanged(), latest, tables, upToKey });
  }

  /** Writes the contacts that changed and that no commit has taken along. */
  flush(): void {
    const contacts = this.#contacts.takeChanged();
    if (contacts.length === 0) return;
    this.#state.apply({ contacts, latest: [], tables: [], upToKey: this.#state.appliedKey() });
  }
}
