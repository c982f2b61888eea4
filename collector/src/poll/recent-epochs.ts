/** Epochs that are remembered of one connection, of each kind: twice those that may be owed at a time. */
export const REMEMBERED = 128;

/** Names of epochs, the last that were added: an LCU may name ever new ones for as long as it is connected. */
export class RecentEpochs {
  /** There are none of most connections. */
  #names: Set<string> | undefined;

  /** Remembers a name, as the newest. */
  add(name: string): void {
    const names = (this.#names ??= new Set());
    names.delete(name);
    names.add(name);
    const [oldest] = names;
    if (names.size > REMEMBERED && oldest !== undefined) names.delete(oldest);
  }

  /** Whether the name is remembered. */
  has(name: string): boolean {
    return this.#names?.has(name) ?? false;
  }
}
