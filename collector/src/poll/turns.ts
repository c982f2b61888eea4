/** Runs what concerns one LCU one after the other, in the order of asking; different LCUs do not wait for each other. */
export class Turns {
  readonly #last = new Map<number, Promise<unknown>>();

  /** Runs `work` once everything asked before for this LCU has ended, well or not. */
  run<T>(lcuNo: number, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(lcuNo);
    const mine = before ? before.then(work, work) : work();
    this.#last.set(lcuNo, mine);
    const forget = (): void => {
      if (this.#last.get(lcuNo) === mine) this.#last.delete(lcuNo);
    };
    mine.then(forget, forget);
    return mine;
  }
}
