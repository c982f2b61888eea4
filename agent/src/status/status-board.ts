import { type Clock, codeOf, toHex } from '@farola/shared';
import type { Journal, JournalSize } from '../journal/journal.js';
import type { WaitingCounts } from '../journal/waiting-entries.js';
import type { LinkState } from '../link/link.js';
import type { MeterStatus, PublishStatus, RunStatus } from './run-status.js';

/** Gathers the status of a run and publishes it at each change. */
export class StatusBoard {
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #meter: () => MeterStatus;
  readonly #waiting: () => WaitingCounts;
  readonly #publish: PublishStatus;
  #status: RunStatus;

  constructor(
    run: { readonly pid: number; readonly lcuId: string },
    clock: Clock,
    journal: Journal,
    meter: () => MeterStatus,
    waiting: () => WaitingCounts,
    publish: PublishStatus,
  ) {
    this.#clock = clock;
    this.#journal = journal;
    this.#meter = meter;
    this.#waiting = waiting;
    this.#publish = publish;
    const { wallMs } = clock.now();
    this.#status = {
      ...run,
      startedMs: wallMs,
      writtenMs: wallMs,
      epoch: toHex(journal.epoch),
      link: { state: 'dialling', sinceMs: wallMs, reason: null, lastAnswerMs: null },
      samples: { taken: 0, lost: 0, waiting: 0, lastMs: null },
      meter: { rounds: 0, skipped: 0, lines: [] },
      journal: { backlog: 0, bytes: 0 },
    };
  }

  linkIs(state: LinkState, { reason, answered }: { readonly reason?: string; readonly answered?: boolean }): void {
    const { wallMs } = this.#clock.now();
    const { link } = this.#status;
    const sinceMs = state === link.state ? link.sinceMs : wallMs;
    const lastAnswerMs = answered ? wallMs : link.lastAnswerMs;
    this.#write({ ...this.#status, link: { state, sinceMs, reason: reason ?? link.reason, lastAnswerMs } });
  }

  sampled(kept: boolean): void {
    const { taken, lastMs } = this.#status.samples;
    const counted = kept ? { taken: taken + 1, lastMs: this.#clock.now().wallMs } : { taken, lastMs };
    const samples = { ...counted, ...this.#waiting() };
    this.#write({ ...this.#status, samples });
  }

  #write(status: RunStatus): void {
    const epoch = toHex(this.#journal.epoch);
    this.#status = { ...status, epoch, writtenMs: this.#clock.now().wallMs, meter: this.#meter(), journal: this.#size() };
    this.#publish(this.#status);
  }

  /** A journal that cannot be read is told of where it is used; here its last size stands. */
  #size(): JournalSize {
    try {
      return this.#journal.size();
    } catch (error) {
      if (codeOf(error) === 'internal') throw error;
      return this.#status.journal;
    }
  }
}
