import { codeOf, type ErrorCode, type Facts, FarolaError } from '@farola/shared';
import type { Log } from './log.js';

/** Says when something begins to fail, or fails for another cause, and when it works again; not each time that it fails. */
export class FailureLog {
  readonly #log: Log;
  readonly #what: string;
  #code: ErrorCode | undefined;
  #times = 0;

  /** @param what cannot be done, as a message of the log */
  constructor(log: Log, what: string) {
    this.#log = log;
    this.#what = what;
  }

  /** It failed. @param fields for the log, beside the code and its hint */
  failed(code: ErrorCode, fields: object, facts: Facts = {}): void {
    this.#times++;
    if (code === this.#code) return;
    this.#code = code;
    const { hint } = new FarolaError(code, facts);
    this.#log.error({ code, ...facts, ...fields, ...(hint === undefined ? {} : { hint }) }, this.#what);
  }

  /** It worked. */
  worked(fields: object = {}): void {
    if (this.#code !== undefined) this.#log.info({ ...fields, after: this.#code, failures: this.#times }, `over: ${this.#what}`);
    this.#code = undefined;
    this.#times = 0;
  }
}

/** Tells the log of a failure of one kind: what has a code is told by its facts, and a defect with where it came from. */
export function failedIn(trouble: Pick<FailureLog, 'failed'>): (error: unknown) => void {
  return (error) => {
    if (error instanceof FarolaError) trouble.failed(error.code, {}, error.facts);
    else trouble.failed(codeOf(error), { err: error });
  };
}
