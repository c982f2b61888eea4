import type { Priority } from './line-queue.js';

/** A question for registers of one analyser. */
export interface RegisterQuestion {
  /** Name of the analyser, for messages. */
  readonly analyser: string;
  readonly unit: number;
  /** 3 reads holding registers, 4 input registers. */
  readonly functionCode: 3 | 4;
  /** First register as on the wire. */
  readonly address: number;
  /** Registers, 1 to 125. */
  readonly count: number;
  /** `sample` when it is not told. */
  readonly priority?: Priority | undefined;
  /** Called in the moment in which it is put on the line; not at all when it never is. */
  readonly onSent?: (() => void) | undefined;
}

/** Port: reads registers over one line. Any number of callers; the line serves them one after the other. */
export interface RegisterClient {
  /**
   * The registers' bytes, two per register, high byte first.
   * @throws FarolaError `meter-timeout`, `meter-unreachable`, `meter-malformed`, `meter-exception`, `meter-faulty`, `meter-busy`,
   * `line-unavailable`, `permission-denied`, `port-in-use`; the reason of the signal when it was aborted
   */
  read(question: RegisterQuestion, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * The numbers of registers that the next question to this unit shall not ask for: the answer to an earlier question for as
   * many was given up and may still come. One that does so all the same waits for seconds.
   */
  owedCounts(unit: number, functionCode: 3 | 4): ReadonlySet<number>;
}
