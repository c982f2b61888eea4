/** Epochs that are remembered of a file: those of the rows that a question reads are few, or one for each LCU. */
const REMEMBERED = 1024;

/** The ids of the chains of one file by their numbers there. What a committed row names never changes. */
export class RememberedEpochs {
  readonly #ask: (epochNo: number) => Uint8Array | undefined;
  readonly #known = new Map<number, Uint8Array>();

  /** @param ask the file; told only of rows that are committed */
  constructor(ask: (epochNo: number) => Uint8Array | undefined) {
    this.#ask = ask;
  }

  /** Undefined when the file names none. Throws what asking throws. */
  get(epochNo: number): Uint8Array | undefined {
    const known = this.#known.get(epochNo);
    if (known) return known;
    const epoch = this.#ask(epochNo);
    if (!epoch) return undefined;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(epochNo, epoch);
    return epoch;
  }
}
