import { type Ack, codeOf, type GapRecord, type KnownEntry, type OpenEpoch, type PreviousEpoch, type Want } from '@farola/shared';
import type { Disagreement, EpochStart, Journal, JournalSize, Selection, SetAside } from './journal.js';

/** Port: another journal in the place of one that was closed since it does not agree with itself. */
export interface Successor {
  /**
   * Sets the damaged file aside and puts into its place what can be read of it.
   * @throws FarolaError `disk-failure`, `permission-denied`
   */
  prepare(error: unknown, end: PreviousEpoch): SetAside;
  /** Opens what stands there now and begins an epoch. @throws FarolaError as `Journal.beginEpoch` */
  begin(setAside: SetAside): Journal;
}

/** A journal that was closed, and how far its successor has come. */
interface Lost {
  readonly error: unknown;
  readonly end: PreviousEpoch;
  setAside: SetAside | undefined;
}

/**
 * A journal that outlives damage of its file: where that shows, another takes its place with what can be read, in a new
 * epoch, and what was being done is done there. While that cannot be made, each call tries again and throws why not.
 */
export class LastingJournal implements Journal {
  readonly #successor: Successor;
  #journal: Journal;
  #lost: Lost | undefined;

  constructor(journal: Journal, successor: Successor) {
    this.#journal = journal;
    this.#successor = successor;
  }

  get epoch(): Uint8Array {
    return this.#journal.epoch;
  }

  get end(): PreviousEpoch {
    return this.#journal.end;
  }

  beginEpoch(start: EpochStart, setAside?: SetAside): void {
    this.#journal.beginEpoch(start, setAside);
  }

  append(entry: KnownEntry): number {
    return this.#lasting((journal) => journal.append(entry));
  }

  applyAcks(acks: readonly Ack[]): readonly Disagreement[] {
    return this.#lasting((journal) => journal.applyAcks(acks));
  }

  select(want: Want): Selection {
    return this.#lasting((journal) => journal.select(want));
  }

  openEpochs(): readonly OpenEpoch[] {
    return this.#lasting((journal) => journal.openEpochs());
  }

  gaps(): readonly GapRecord[] {
    return this.#lasting((journal) => journal.gaps());
  }

  size(): JournalSize {
    return this.#lasting((journal) => journal.size());
  }

  close(): void {
    this.#journal.close();
  }

  #lasting<T>(work: (journal: Journal) => T): T {
    if (this.#lost) this.#renew(this.#lost);
    try {
      return work(this.#journal);
    } catch (error) {
      if (codeOf(error) !== 'journal-corrupt') throw error;
      this.#lost = { error, end: this.#journal.end, setAside: undefined };
      this.#journal.close();
      this.#renew(this.#lost);
      return work(this.#journal);
    }
  }

  #renew(lost: Lost): void {
    lost.setAside ??= this.#successor.prepare(lost.error, lost.end);
    this.#journal = this.#successor.begin(lost.setAside);
    this.#lost = undefined;
  }
}
