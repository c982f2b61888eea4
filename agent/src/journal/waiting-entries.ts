import { type Clock, FarolaError, type KnownEntry, mayRetry } from '@farola/shared';
import type { Log } from '../log/log.js';
import type { EntrySink } from './journal.js';

/** Entries that wait at most: a day of samples of three analysers, some 4 MB. The oldest goes first. */
export const WAITING_LIMIT = 4_096;

/** What waiting works with. */
export interface WaitingEntriesDeps {
  readonly journal: EntrySink;
  readonly clock: Clock;
  readonly log: Log;
}

/** How it stands. */
export interface WaitingCounts {
  /** Entries that are in memory only. */
  readonly waiting: number;
  /** Entries that could not be kept since the program began. */
  readonly lost: number;
}

/**
 * Keeps entries in memory, in their order, while the disk takes none, and writes them with the first one that it takes.
 * The log tells when that begins and when it ends; an event in the journal, how many were lost for want of room.
 */
export class WaitingEntries {
  readonly #deps: WaitingEntriesDeps;
  #waiting: KnownEntry[] = [];
  /** The greatest number that waited since the disk failed; 0 while it does not. */
  #most = 0;
  #untold = 0;
  #lost = 0;

  constructor(deps: WaitingEntriesDeps) {
    this.#deps = deps;
  }

  get counts(): WaitingCounts {
    return { waiting: this.#waiting.length, lost: this.#lost };
  }

  /**
   * Writes what waits and then this entry, or lets it wait. False when it can never be written: the log says why.
   * @throws FarolaError `journal-corrupt`
   */
  append(entry: KnownEntry): boolean {
    const before = this.#lost;
    this.#waiting.push(entry);
    this.#write();
    if (this.#waiting.length > WAITING_LIMIT) {
      this.#waiting.shift();
      this.#untold++;
      this.#lost++;
    }
    return this.#lost === before || this.#waiting.includes(entry);
  }

  #write(): void {
    const { journal, clock } = this.#deps;
    try {
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        this.#appendOne(next);
        this.#waiting.shift();
      }
      if (this.#untold > 0) journal.append({ kind: 'event', at: clock.now(), code: 'entries-lost', facts: [this.#untold] });
      this.#untold = 0;
      this.#ended();
    } catch (error) {
      if (!(error instanceof FarolaError) || !mayRetry(error.code)) throw error;
      this.#failed(error);
    }
  }

  /** An entry that no disk would take goes, so that it does not hold up the others. */
  #appendOne(entry: KnownEntry): void {
    try {
      this.#deps.journal.append(entry);
    } catch (error) {
      if (!(error instanceof FarolaError) || mayRetry(error.code) || error.code === 'journal-corrupt') throw error;
      this.#deps.log.fail(error.code, { ...error.facts, lost: entry.kind });
      this.#lost++;
    }
  }

  #failed({ code, facts }: FarolaError): void {
    if (this.#most === 0) this.#deps.log.fail(code, facts);
    this.#most = Math.max(this.#most, this.#waiting.length);
  }

  #ended(): void {
    if (this.#most > 0) this.#deps.log.info({ waited: this.#most, lost: this.#lost }, 'the journal is written again');
    this.#most = 0;
  }
}
