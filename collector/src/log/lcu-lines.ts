import type { Log } from './log.js';

/** Lines with one message of one LCU that are written between two calls of `flush`: each message has its own budget. */
const LINES = 20;

/**
 * A log in which no LCU can say much: of lines that are about one, by their field `lcu`, the first with each message are
 * written, the others counted. What an LCU with a good key does, however often, cannot fill a disk by the log.
 */
export class LcuLines implements Log {
  readonly #log: Log;
  /** By LCU and message: names of LCUs have no space. */
  readonly #counts = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  info(fields: object, message: string): void {
    if (this.#take(fields, message)) this.#log.info(fields, message);
  }

  warn(fields: object, message: string): void {
    if (this.#take(fields, message)) this.#log.warn(fields, message);
  }

  error(fields: object, message: string): void {
    if (this.#take(fields, message)) this.#log.error(fields, message);
  }

  /** Writes in one line for each LCU how many lines were left out, and begins anew. To be called once a minute. */
  flush(): void {
    const leftOut = new Map<string, Record<string, number>>();
    for (const [key, count] of this.#counts) {
      if (count <= LINES) continue;
      const space = key.indexOf(' ');
      const lcu = key.slice(0, space);
      leftOut.set(lcu, { ...leftOut.get(lcu), [key.slice(space + 1)]: count - LINES });
    }
    this.#counts.clear();
    for (const [lcu, counts] of leftOut) this.#log.warn({ lcu, leftOut: counts }, 'more lines of an LCU');
  }

  #take(fields: { readonly lcu?: unknown }, message: string): boolean {
    if (typeof fields.lcu !== 'string') return true;
    const key = `${fields.lcu} ${message}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= LINES;
  }
}
