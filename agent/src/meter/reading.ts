import type { FarolaError, Instant, SampleStatus, SampleValue } from '@farola/shared';
import type { DeviceMark } from './identity/setting-flags.js';

/** The values of one analyser at one moment. */
export interface Reading {
  /** When the first request was asked for. */
  readonly startedAt: Instant;
  /** From the first request to the last answer, ms. */
  readonly spanMs: number;
  /**
   * `complete`: every request was answered, though the analyser itself may have no value for a row; `partial`: some
   * were; the others say why none was.
   */
  readonly status: SampleStatus;
  /** In the order of the profile's rows; null is missing, never 0. Empty when nothing was asked. */
  readonly values: readonly SampleValue[];
  /** The first failure; undefined when there was none. */
  readonly failure: FarolaError | undefined;
  /** What of the device bears on all its values; left out when nothing does. */
  readonly deviceMarks?: readonly DeviceMark[];
}

/** Port: reads one analyser. One caller at a time. */
export interface AnalyserReader {
  /** Whether it has been silent, so that a reading may cost its line a wait: such are read after the others. */
  readonly isSilent: boolean;
  /**
   * Reads all rows once. Failures of meter and line are part of the reading.
   * @throws the reason of the signal when it was aborted
   */
  read(signal?: AbortSignal): Promise<Reading>;
}

/** A reader that can also ask whether anyone is there. */
export interface ProbedReader {
  /** As of AnalyserReader. */
  read(signal?: AbortSignal): Promise<Reading>;
  /** Asks one short question: a reading without values, `complete` when it was answered. */
  probe(signal?: AbortSignal): Promise<Reading>;
}
