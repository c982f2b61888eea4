import type { SampleStatus } from '@farola/shared';

/** Which analysers answered at their last sample. */
export class AnalyserHealth {
  readonly #ids: readonly string[];
  readonly #answered = new Set<string>();

  /** @param ids by index */
  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  /** Ids of those that answered. */
  get answered(): readonly string[] {
    return [...this.#answered];
  }

  /** Takes the outcome of one sample in. */
  sampled(index: number, status: SampleStatus): void {
    const id = this.#ids[index];
    if (id === undefined) return;
    if (status === 'complete' || status === 'partial') this.#answered.add(id);
    else this.#answered.delete(id);
  }

  /** Of these analysers the first that is configured and did not answer; undefined when all did. */
  silentOf(before: readonly string[]): string | undefined {
    return before.find((id) => this.#ids.includes(id) && !this.#answered.has(id));
  }
}
