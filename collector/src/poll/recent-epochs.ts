/** Epochs that are remembered of one connection, of each kind: twice those that may be owed at a time. */
export const REMEMBERED = 128;

/** Names of epochs, the last that were added: an LCU may name ever new ones for as long as it is connected. */
export class RecentEpochs {
  readonly #names = new Set<string>();

  /** Remembers a name, as the newest. */
  add(name: string): void {
    this.#names.delete(name);
    this.#names.add(name);
    const [oldest] = this.#names;
    if (this.#names.size > REMEMBERED && oldest !== undefined) this.#names.delete(oldest);
  }

  /** Whether the name is remembered. */
  has(name: string): boolean {
    return this.#names.has(name);
  }
}
