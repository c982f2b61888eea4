/** What happened on a line since the agent started. All only rise. */
export interface LineCounters {
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
  /** Bytes that came when nothing was asked, or beside the answer: late answers, echoes, noise. */
  strayBytes: number;
  /** Answers to a question that had been given up. */
  lateAnswers: number;
  /** Times the line was opened, the first one included. */
  opened: number;
  /** Times that it could not be opened. */
  failedOpens: number;
}

/** Counters of a line that has done nothing yet. */
export function zeroCounters(): LineCounters {
  return {
    requests: 0,
    ok: 0,
    timeouts: 0,
    malformed: 0,
    crc: 0,
    exceptions: 0,
    strayBytes: 0,
    lateAnswers: 0,
    opened: 0,
    failedOpens: 0,
  };
}
