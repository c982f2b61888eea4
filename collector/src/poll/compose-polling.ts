import type { Timers } from '@farola/shared';
import { type CommittedAnswer, GroupCommit } from '../ledger/group-commit.js';
import type { LedgerAppender } from '../ledger/ledger.js';
import { Deadlines } from './deadlines.js';
import type { DerivedWriter } from './derived-writer.js';
import { type PollObserver, tellAll } from './poll-observer.js';
import { PollService, type PollServiceDeps } from './poll-service.js';
import { StillAllowed } from './still-allowed.js';
import type { AnswerToStore } from './take-answer.js';

/** What the polling of a fleet is put together from. */
export interface PollingParts extends Omit<
  PollServiceDeps,
  'timers' | 'commit' | 'derived' | 'deadlines' | 'observer' | 'stateFailed'
> {
  /** What answers are added to: the ledger. */
  readonly appender: LedgerAppender;
  readonly writer: DerivedWriter;
  /** Of deadlines and transactions. */
  readonly timers: Timers;
  /** Of rounds. */
  readonly roundTimers: Timers;
  /** How long an answer is waited for, ms. */
  readonly deadlineMs: number;
  readonly observers: readonly PollObserver[];
  /** Told of each transaction, after the derived state. */
  readonly onCommitted?: ((batch: readonly CommittedAnswer<AnswerToStore>[]) => void) | undefined;
  /** Told what deriving from a committed batch, or noting a contact, threw: what was answered is stored all the same. */
  readonly onFailedHook: (error: unknown) => void;
}

/** What polls, and what gathers its answers into transactions. */
export interface ComposedPolling {
  readonly polls: PollService;
  readonly commit: GroupCommit<AnswerToStore>;
}

/** Puts together what polls: answers of the service go through one transaction into the ledger, and on into derived state. */
export function composePolling(parts: PollingParts): ComposedPolling {
  const { appender, writer, fleet, clock, timers, roundTimers, deadlineMs, observers, onCommitted, onFailedHook } = parts;
  const allowed = new StillAllowed({ fleet, reviewedVersion: () => polls.reviewedVersion, failed: onFailedHook });
  const commit = new GroupCommit<AnswerToStore>({
    ledger: appender,
    timers,
    judge: () => allowed.judge(),
    onStoring: (batch) => writer.storing(batch),
    onCommitted: (batch) => {
      writer.committed(batch);
      onCommitted?.(batch);
    },
    onFailedHook,
  });
  const polls: PollService = new PollService({
    ...parts,
    timers: roundTimers,
    commit,
    derived: writer,
    stateFailed: onFailedHook,
    deadlines: new Deadlines(clock, timers, deadlineMs),
    observer: tellAll(observers),
  });
  return { polls, commit };
}
