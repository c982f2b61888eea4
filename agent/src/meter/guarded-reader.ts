import { FarolaError } from '@farola/shared';
import type { Clock, SampleStatus } from '@farola/shared';
import type { Breaker } from './breaker.js';
import type { AnalyserReader, ProbedReader, Reading } from './reading.js';
import type { WakeUp } from './wake-up.js';

/** What says that the analyser itself is silent, and not its line. */
const SILENT: ReadonlySet<SampleStatus> = new Set(['timeout', 'malformed']);

/** Whom a guarded reader reads, and what guards it. */
export interface GuardedReaderOptions {
  readonly id: string;
  readonly unit: number;
  readonly reader: ProbedReader;
  readonly breaker: Breaker;
  /** Where its model has to be woken. */
  readonly wakeUp?: WakeUp | undefined;
  readonly clock: Clock;
}

/**
 * Reads an analyser as its breaker allows: in full; or, when it was silent, with one question first, and in full when that is
 * answered; or not at all, which the reading says.
 */
export function guardedReader({ id, unit, reader, breaker, wakeUp, clock }: GuardedReaderOptions): AnalyserReader {
  function unread(failure: FarolaError, status: SampleStatus): Reading {
    return { startedAt: clock.now(), spanMs: 0, status, values: [], offsets: [], failure };
  }

  function heard(status: SampleStatus): void {
    if (SILENT.has(status)) {
      breaker.failed();
      wakeUp?.wasSilent();
    } else if (status !== 'line-unavailable') {
      breaker.answered();
      wakeUp?.answered();
    }
  }

  return {
    sleeper: wakeUp,
    get isSilent() {
      return breaker.isSilent;
    },
    get isLeftAlone() {
      return breaker.isOpen;
    },
    async read(signal) {
      const permission = breaker.permission();
      if (permission === 'nothing') {
        const seconds = Math.ceil(breaker.waitMs / 1_000);
        return unread(new FarolaError('meter-not-asked', { analyser: id, unit, seconds }), 'not-asked');
      }
      if (permission === 'one-question') {
        const probed = await reader.probe(signal);
        if (SILENT.has(probed.status)) heard(probed.status);
        if (probed.failure && probed.status !== 'exception') return probed;
      }
      const reading = await reader.read(signal);
      heard(reading.status);
      return reading;
    },
  };
}
