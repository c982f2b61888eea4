import { deriveFromAnswer } from '../fleet/derive-change.js';
import type { DerivedState, EpochTable, LatestSample, TableFact } from '../fleet/fleet.js';
import type { CommittedAnswer } from '../ledger/group-commit.js';
import type { Contacts } from './contacts.js';
import type { AnswerToStore } from './take-answer.js';

/**
 * Writes what committed answers and ended polls change in the derived state. Where several commits are gathered, what a
 * crash takes is derived again from the ledger at the next start.
 */
export class DerivedWriter {
  readonly #state: Pick<DerivedState, 'apply' | 'appliedKey' | 'table'>;
  readonly #contacts: Contacts;
  readonly #atATime: number;
  #answers = 0;
  #latest: LatestSample[] = [];
  #tables: TableFact[] = [];
  #upToKey = 0;

  /** @param atATime answers that are gathered before they are written; fewer wait for `flush` */
  constructor(state: Pick<DerivedState, 'apply' | 'appliedKey' | 'table'>, contacts: Contacts, atATime = 1) {
    this.#state = state;
    this.#contacts = contacts;
    this.#atATime = atATime;
  }

  /** Takes a committed batch in: tables, latest samples, and the contacts that changed until now. */
  committed(batch: readonly CommittedAnswer<AnswerToStore>[]): void {
    for (const { answer, key } of batch) {
      const { lcuNo, receivedAtMs, parsed, first, items, adds, bootOfEpoch } = answer;
      const change = deriveFromAnswer({ lcuNo, receivedAtMs, answer: parsed, first, entries: items, adds, bootOfEpoch });
      this.#latest.push(...change.latest);
      this.#tables.push(...change.tables);
      this.#upToKey = Math.max(this.#upToKey, key);
    }
    this.#answers += batch.length;
    if (this.#answers >= this.#atATime) this.flush();
  }

  /** The analysers of an epoch, after every answer that was committed. */
  table(lcuNo: number, epoch: Uint8Array): EpochTable | undefined {
    if (this.#tables.length > 0) this.flush();
    return this.#state.table(lcuNo, epoch);
  }

  /** Writes what waits. */
  flush(): void {
    const contacts = this.#contacts.takeChanged();
    const [latest, tables] = [this.#latest, this.#tables];
    if (contacts.length === 0 && this.#answers === 0) return;
    const upToKey = this.#answers > 0 ? this.#upToKey : this.#state.appliedKey();
    this.#answers = 0;
    this.#latest = [];
    this.#tables = [];
    this.#upToKey = 0;
    this.#state.apply({ contacts, latest, tables, upToKey });
  }
}
