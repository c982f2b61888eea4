import { type Clock, codeOf, toHex } from '@farola/shared';
import type { CodeState } from '../code/own-code.js';
import type { HashState } from '../code/watched-hash.js';
import type { Journal, JournalSize } from '../journal/journal.js';
import type { WaitingCounts } from '../journal/waiting-entries.js';
import type { LinkWatcher } from '../link/link.js';
import type { MeterStatus, RunStatus } from './run-status.js';

/** What a status tells beside link, samples and lines. */
export interface AlsoTold {
  /** Entries that wait for the disk. */
  readonly waiting: () => WaitingCounts;
  readonly code: () => CodeState;
  readonly platform: () => HashState;
}

/** Gathers the status of a run and publishes it at each change. */
export class StatusBoard {
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #meter: () => MeterStatus;
  readonly #also: AlsoTold;
  readonly #publish: (status: RunStatus) => void;
  #status: RunStatus;
  #acknowledged = 0;

  constructor(
    run: Pick<RunStatus, 'pid' | 'birth' | 'version' | 'lcuId'>,
    clock: Clock,
    journal: Journal,
    meter: () => MeterStatus,
    also: AlsoTold,
    publish: (status: RunStatus) => void,
  ) {
    this.#clock = clock;
    this.#journal = journal;
    this.#meter = meter;
    this.#also = also;
    this.#publish = publish;
    const { wallMs, monoMs } = clock.now();
    this.#status = {
      ...run,
      aliveMonoMs: monoMs,
      startedMs: wallMs,
      writtenMs: wallMs,
      epoch: toHex(journal.epoch),
      link: {
        state: 'dialling',
        sinceMs: wallMs,
        reason: null,
        nextTryMs: null,
        lastAnswerMs: null,
        lastAcknowledgedMs: null,
        pollsInVain: 0,
      },
      samples: { taken: 0, lost: 0, waiting: 0, lastMs: null },
      meter: { lines: [], analysers: [], units: [] },
      journal: { backlog: 0, bytes: 0 },
      ...this.#measured(),
    };
  }

  /** As it was published last. */
  get status(): RunStatus {
    return this.#status;
  }

  readonly linkIs: LinkWatcher = (state, { reason, waitMs, answered }) => {
    const { wallMs } = this.#clock.now();
    const { link } = this.#status;
    const sinceMs = state === link.state ? link.sinceMs : wallMs;
    const nextTryMs = waitMs === undefined ? null : wallMs + waitMs;
    const told = { ...link, state, sinceMs, nextTryMs, reason: reason ?? link.reason };
    this.#write({ ...this.#status, link: answered ? { ...told, lastAnswerMs: wallMs, ...this.#takenBy(wallMs) } : told });
  };

  /** What the poll that was just answered had acknowledged, whatever was written or went for want of room meanwhile. */
  #takenBy(wallMs: number): Pick<RunStatus['link'], 'lastAcknowledgedMs' | 'pollsInVain'> {
    const { link } = this.#status;
    const { backlog, acknowledged } = this.#size();
    // A journal that was opened anew counts from 0.
    const moved = acknowledged !== this.#acknowledged && acknowledged > 0;
    this.#acknowledged = acknowledged;
    if (moved) return { lastAcknowledgedMs: wallMs, pollsInVain: 0 };
    return { lastAcknowledgedMs: link.lastAcknowledgedMs, pollsInVain: backlog === 0 ? 0 : link.pollsInVain + 1 };
  }

  sampled(kept: boolean): void {
    const { taken, lastMs } = this.#status.samples;
    const counted = kept ? { taken: taken + 1, lastMs: this.#clock.now().wallMs } : { taken, lastMs };
    const samples = { ...counted, ...this.#also.waiting() };
    this.#write({ ...this.#status, samples });
  }

  /** Publishes a sign of life: as it was published last, and nothing looked at. */
  beat(): void {
    this.#status = { ...this.#status, aliveMonoMs: this.#clock.now().monoMs };
    this.#publish(this.#status);
  }

  #write(status: RunStatus): void {
    const epoch = toHex(this.#journal.epoch);
    const { wallMs: writtenMs, monoMs: aliveMonoMs } = this.#clock.now();
    this.#status = {
      ...status,
      epoch,
      writtenMs,
      aliveMonoMs,
      meter: this.#meter(),
      journal: this.#inUse(),
      ...this.#measured(),
    };
    this.#publish(this.#status);
  }

  #measured(): Pick<RunStatus, 'code' | 'platform'> {
    const code = this.#also.code();
    const platform = this.#also.platform();
    return {
      code: { tree: code.tree, hash: code.hash && toHex(code.hash), reason: code.reason },
      platform: { hash: platform.hash && toHex(platform.hash), files: platform.files, reason: platform.reason },
    };
  }

  #inUse(): RunStatus['journal'] {
    const { backlog, bytes } = this.#size();
    return { backlog, bytes };
  }

  /** A journal that cannot be read is told of where it is used; here its last size stands. */
  #size(): JournalSize {
    try {
      return this.#journal.size();
    } catch (error) {
      if (codeOf(error) === 'internal') throw error;
      return { ...this.#status.journal, acknowledged: this.#acknowledged };
    }
  }
}
