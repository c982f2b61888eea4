import type { FarolaError, Instant, OffsetRun, SampleStatus, SampleValue } from '@farola/shared';
import type { DeviceMark } from './identity/setting-flags.js';

/** The values of one scan group of an analyser. */
export interface Reading {
  /** When the first request was put on the line; when it was asked for, where none was. */
  readonly startedAt: Instant;
  /** From the first request to the last answer, ms. */
  readonly spanMs: number;
  /**
   * `complete`: every request was answered, though the analyser itself may have no value for a row; `partial`: some
   * were; the others say why none was.
   */
  readonly status: SampleStatus;
  /** In the order of the group's quantities; null is missing, never 0. Empty when nothing was asked. */
  readonly values: readonly SampleValue[];
  /** When each value was asked for, by runs over all values; empty when one request read them all, at `startedAt`. */
  readonly offsets: readonly OffsetRun[];
  /** The first failure; undefined when there was none. */
  readonly failure: FarolaError | undefined;
  /** What of the device bears on all its values; left out when nothing does. */
  readonly deviceMarks?: readonly DeviceMark[];
}

/** Port: an analyser that lets questions go by before it answers. Shared by all readers of it; one caller at a time. */
export interface Sleeper {
  /** Whether a question to wake it is left to be asked. */
  readonly isWanted: boolean;
  /** How long one may take, ms. */
  readonly mostMs: number;
  /**
   * Asks one. Whether it was answered: then all that was not read for want of an answer may be read.
   * @throws the reason of the signal
   */
  ask(signal?: AbortSignal): Promise<boolean>;
}

/** Port: reads one analyser. One caller at a time. */
export interface AnalyserReader {
  /** Whether it has been silent, so that a reading may cost its line a wait: such are read after the others. */
  readonly isSilent: boolean;
  /** Whether it is left alone but for a short question now and then. */
  readonly isLeftAlone: boolean;
  /** Left out where its model answers the first question. */
  readonly sleeper?: Sleeper | undefined;
  /**
   * Reads all quantities of its group once. Failures of meter and line are part of the reading.
   * @throws the reason of the signal when it was aborted
   */
  read(signal?: AbortSignal): Promise<Reading>;
}

/** A reader that can also ask whether anyone is there. */
export interface ProbedReader {
  /** As of AnalyserReader. */
  read(signal?: AbortSignal): Promise<Reading>;
  /**
   * Asks one short question: a reading without values, `complete` when it was answered; `not-asked` when each question that there
   * is could be answered by what earlier ones are still owed.
   */
  probe(signal?: AbortSignal): Promise<Reading>;
}
