import type { Clock, SampleValue, ValueFlag } from '@farola/shared';
import type { NoteEvent } from '../code/watched-hash.js';
import type { ClockWatch } from '../journal/clock-watch.js';
import type { WaitingEntries } from '../journal/waiting-entries.js';
import type { Reading } from '../meter/reading.js';

/** What recording works with. */
export interface RecordSamplesDeps {
  readonly entries: Pick<WaitingEntries, 'append'>;
  readonly watch: ClockWatch;
  readonly clock: Clock;
  /** Told of each sample, whether it could be kept. */
  readonly onSample: (kept: boolean) => void;
}

/** Puts readings and clock changes into the journal. */
export interface SampleRecorder {
  /**
   * Records one reading, with what is not plausible in it. While the disk fails it waits, and the run goes on.
   * @throws FarolaError `journal-corrupt`
   */
  readonly take: (rowIndex: number, reading: Reading, flags?: readonly ValueFlag[]) => void;
  /** Records a change of the wall clock, if there was one. @throws FarolaError `journal-corrupt` */
  readonly lookAtClock: () => void;
  /** Records an event. @throws FarolaError `journal-corrupt` */
  readonly note: NoteEvent;
}

/** Makes the recorder. */
export function recordSamples({ entries, watch, clock, onSample }: RecordSamplesDeps): SampleRecorder {
  const lookAtClock = (): void => watch.look(clock.now(), (entry) => entries.append(entry));
  return {
    lookAtClock,
    note: (code, facts) => void entries.append({ kind: 'event', at: clock.now(), code, facts }),
    take(analyser, { startedAt, spanMs, status, ...read }, flags = []) {
      lookAtClock();
      const values = whatWasRead(read.values);
      // Instants are of values; without any there is nothing to tell.
      const offsets = values.length > 0 ? read.offsets : [];
      const marks = offsets.length > 0 || flags.length > 0 ? { offsets, flags } : undefined;
      onSample(entries.append({ kind: 'sample', at: startedAt, analyser, spanMs, status, values, ...(marks && { marks }) }));
    },
  };
}

/** A sample in which nothing was read carries no values, rather than a null for each. */
function whatWasRead(values: readonly SampleValue[]): readonly SampleValue[] {
  return values.every((value) => value === null) ? [] : values;
}
