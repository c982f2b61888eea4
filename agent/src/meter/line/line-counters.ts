import { LatencyCounts } from './latency-counts.js';

/** What happened to the questions of a line, or of one unit on it, since the agent started. All only rise. */
export interface QuestionCounters {
  /** Questions written to the line. */
  requests: number;
  /** Answers with data that fitted their question. */
  ok: number;
  /** Questions that nothing answered in time. */
  timeouts: number;
  /** Questions answered in time by nothing but bytes that did not fit. */
  malformed: number;
  /** Of these, those with a wrong CRC. */
  crc: number;
  /** Modbus exceptions. */
  exceptions: number;
  /** Answers to a question that had been given up. */
  lateAnswers: number;
}

/** What happened on a line since the agent started. All only rise. */
export interface LineCounters extends QuestionCounters {
  /** Bytes that came when nothing was asked, or beside the answer: late answers and noise. */
  strayBytes: number;
  /** Questions that the line sent back before the answer, as some RS-485 adapters do. */
  echoes: number;
  /** Times the line was opened, the first one included. */
  opened: number;
  /** Times that it could not be opened. */
  failedOpens: number;
  /** Time from each question to its end, ms: what the line was used. */
  busyMs: number;
}

/** What happened to the questions of one unit, and how long its answers took. */
export interface UnitCounters extends QuestionCounters {
  readonly latency: LatencyCounts;
}

/** Counters of questions that have not been asked yet. */
export function zeroQuestions(): QuestionCounters {
  return { requests: 0, ok: 0, timeouts: 0, malformed: 0, crc: 0, exceptions: 0, lateAnswers: 0 };
}

/** Counters of a line that has done nothing yet. */
export function zeroCounters(): LineCounters {
  return { ...zeroQuestions(), strayBytes: 0, echoes: 0, opened: 0, failedOpens: 0, busyMs: 0 };
}

/** Counters of a unit that was not asked yet. */
export function zeroUnit(): UnitCounters {
  return { ...zeroQuestions(), latency: new LatencyCounts() };
}
