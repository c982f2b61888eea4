import { type Ack, codeOf, type GapRecord, type KnownEntry, type OpenEpoch, type PreviousEpoch, type Want } from '@farola/shared';
import type { Disagreement, EpochStart, Journal, JournalSize, Selection, SetAside } from './journal.js';
import type { PastSample, PastWish } from './past-samples.js';

/** Port: another journal in the place of one that was closed since it does not agree with itself. */
export interface Successor {
  /**
   * Sets the damaged file aside and puts into its place what can be read of it.
   * @throws FarolaError `disk-failure`, `permission-denied`
   */
  prepare(error: unknown, end: PreviousEpoch): SetAside;
  /** Opens what stands there now and begins an epoch. @throws FarolaError as `Journal.beginEpoch` */
  begin(setAside: SetAside): Journal;
  /** Whether the file that was opened last stands at its path still: its disk may have been unmounted under it. */
  isInPlace(): boolean;
  /**
   * Opens the journal when it is back, and goes on after this entry, or in a new epoch where it ends with another.
   * @throws FarolaError `disk-failure` while it is not, `journal-corrupt`
   */
  reopen(end: PreviousEpoch): Journal;
}

/** A journal that was closed, and how far its successor has come. */
interface Closed {
  readonly end: PreviousEpoch;
  /** Why another one is to take its place; undefined when it is to be opened again. */
  damage: unknown;
  setAside: SetAside | undefined;
}

/**
 * A journal that outlives damage of its file: where that shows, another takes its place with what can be read, in a new
 * epoch, and what was being done is done there. While that cannot be made, each call tries again and throws why not. It
 * outlives its disk as well: one that failed stays as it is while anything on it is open, so when somebody has unmounted
 * it the file is closed, and opened again when it is back.
 */
export class LastingJournal implements Journal {
  readonly #successor: Successor;
  #journal: Journal;
  #closed: Closed | undefined;

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

  pastSamples(wish: PastWish): readonly PastSample[] {
    return this.#lasting((journal) => journal.pastSamples(wish));
  }

  close(): void {
    this.#journal.close();
  }

  #lasting<T>(work: (journal: Journal) => T): T {
    if (this.#closed) this.#comeBack(this.#closed);
    try {
      return work(this.#journal);
    } catch (error) {
      const isGone = codeOf(error) === 'disk-failure' && !this.#successor.isInPlace();
      if (codeOf(error) !== 'journal-corrupt' && !isGone) throw error;
      const closed = { end: this.#journal.end, damage: isGone ? undefined : error, setAside: undefined };
      this.#closed = closed;
      this.#journal.close();
      if (isGone) throw error;
      this.#comeBack(closed);
      return work(this.#journal);
    }
  }

  #comeBack(closed: Closed): void {
    if (closed.damage === undefined) this.#reopen(closed);
    if (closed.damage !== undefined) {
      closed.setAside ??= this.#successor.prepare(closed.damage, closed.end);
      this.#journal = this.#successor.begin(closed.setAside);
    }
    this.#closed = undefined;
  }

  #reopen(closed: Closed): void {
    try {
      this.#journal = this.#successor.reopen(closed.end);
    } catch (error) {
      if (codeOf(error) !== 'journal-corrupt') throw error;
      closed.damage = error;
    }
  }
}
