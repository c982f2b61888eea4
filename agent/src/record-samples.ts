import { type Clock, FarolaError, type KnownEntry, type SampleValue } from '@farola/shared';
import type { NoteEvent } from './code/own-code.js';
import type { ClockWatch } from './journal/clock-watch.js';
import type { EntrySink } from './journal/journal.js';
import type { Log } from './log.js';
import type { Reading } from './meter/reading.js';

/** What recording works with. */
export interface RecordSamplesDeps {
  readonly journal: EntrySink;
  readonly watch: ClockWatch;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each sample, whether it could be kept. */
  readonly onSample: (kept: boolean) => void;
}

/** Puts readings and clock changes into the journal. */
export interface SampleRecorder {
  /** Records one reading. A disk that fails costs this sample, not the run. @throws FarolaError `journal-corrupt` */
  readonly take: (analyserIndex: number, reading: Reading) => void;
  /** Records a change of the wall clock, if there was one. @throws FarolaError `journal-corrupt` */
  readonly lookAtClock: () => void;
  /** Records an event. @throws FarolaError `journal-corrupt` */
  readonly note: NoteEvent;
}

/** Makes the recorder. */
export function recordSamples({ journal, watch, clock, log, onSample }: RecordSamplesDeps): SampleRecorder {
  const append = (entry: KnownEntry): boolean => {
    try {
      journal.append(entry);
      return true;
    } catch (error) {
      if (!(error instanceof FarolaError) || error.code === 'journal-corrupt') throw error;
      log.fail(error.code, { ...error.facts, lost: entry.kind });
      return false;
    }
  };
  const lookAtClock = (): void => watch.look(clock.now(), append);
  return {
    lookAtClock,
    note: (code, facts) => void append({ kind: 'event', at: clock.now(), code, facts }),
    take(analyser, { startedAt, spanMs, status, values, failure }) {
      lookAtClock();
      if (failure) log.warn(failure.code, failure.facts);
      onSample(append({ kind: 'sample', at: startedAt, analyser, spanMs, status, values: whatWasRead(values) }));
    },
  };
}

/** A sample in which nothing was read carries no values, rather than a null for each. */
function whatWasRead(values: readonly SampleValue[]): readonly SampleValue[] {
  return values.every((value) => value === null) ? [] : values;
}
