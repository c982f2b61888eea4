import { type ErrorCode, FarolaError, type Refusal, type Result } from '@farola/shared';
import { FailureLog } from '../log/failure-log.js';
import type { Log } from '../log/log.js';
import type { Session } from './session.js';

/** What the store says when it takes nothing of anybody, and when it cannot go on with one LCU. */
const OF_ALL: ErrorCode = 'disk-failure';
const OF_ONE: ErrorCode = 'ledger-corrupt';

/**
 * Tells the troubles of the store in the log: a disk that takes nothing once for the whole fleet, damage in the ledger
 * once for each LCU that it concerns, and the end of both.
 */
export class StoreTroubles {
  readonly #log: Log;
  readonly #disk: FailureLog;
  readonly #damage = new Map<number, FailureLog>();
  #ofAll: Refusal | undefined;

  constructor(log: Log) {
    this.#log = log;
    this.#disk = new FailureLog(log, 'answers cannot be stored');
  }

  /** Why nothing of anybody is stored now; undefined while something is. */
  get ofAll(): FarolaError | undefined {
    return this.#ofAll && new FarolaError(this.#ofAll.code, this.#ofAll.facts);
  }

  /** Takes the outcome of a poll; whether it is a trouble of the store, of which nothing more is to be said. */
  take({ lcu: { lcuNo, lcuId } }: Session, result: Result<unknown>): boolean {
    if (result.ok) {
      this.#ofAll = undefined;
      this.#disk.worked();
      this.#damage.get(lcuNo)?.worked({ lcu: lcuId });
      this.#damage.delete(lcuNo);
      return false;
    }
    const { code, facts } = result;
    if (code === OF_ALL) {
      this.#ofAll = result;
      this.#disk.failed(code, {}, facts);
    } else if (code === OF_ONE) this.#damageOf(lcuNo).failed(code, { lcu: lcuId }, facts);
    return code === OF_ALL || code === OF_ONE;
  }

  #damageOf(lcuNo: number): FailureLog {
    const known = this.#damage.get(lcuNo) ?? new FailureLog(this.#log, 'answers of an LCU cannot be stored');
    this.#damage.set(lcuNo, known);
    return known;
  }
}
