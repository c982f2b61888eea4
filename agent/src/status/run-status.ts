import type { JournalSize } from '../journal/journal.js';
import type { LinkState } from '../link/link.js';

/** What the running agent tells of itself; times are wall times, ms since 1970 UTC. */
export interface RunStatus {
  readonly pid: number;
  readonly startedMs: number;
  readonly writtenMs: number;
  readonly lcuId: string;
  /** The present epoch, hexadecimal. */
  readonly epoch: string;
  readonly link: {
    readonly state: LinkState;
    readonly sinceMs: number;
    /** Why the last connection ended, a code of the error table where there is one; null when none has ended. */
    readonly reason: string | null;
    /** When a poll was last answered; null when none was. */
    readonly lastAnswerMs: number | null;
  };
  readonly samples: {
    readonly taken: number;
    /** Samples that could not be written. */
    readonly lost: number;
    readonly lastMs: number | null;
  };
  readonly journal: JournalSize;
}

/** Port: publishes the status. Never throws. */
export type PublishStatus = (status: RunStatus) => void;
