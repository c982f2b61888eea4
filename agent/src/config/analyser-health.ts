import type { SampleStatus } from '@farola/shared';

/** Which analysers answered at the newest sample of one of their scan groups. */
export class AnalyserHealth {
  readonly #ids: readonly string[];
  /** Rows that answered, by analyser. */
  readonly #answered = new Map<string, Set<number>>();

  /** @param ids of the analysers, by the index of the row */
  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  /** Ids of those that answered. */
  get answered(): readonly string[] {
    return [...this.#answered].filter(([, rows]) => rows.size > 0).map(([id]) => id);
  }

  /** Takes the outcome of one sample in. What one group does not answer with values, others may; what is silent is so for all of them. */
  sampled(index: number, status: SampleStatus): void {
    const id = this.#ids[index];
    if (id === undefined) return;
    const rows = this.#answered.get(id) ?? new Set();
    this.#answered.set(id, rows);
    if (status === 'complete' || status === 'partial') rows.add(index);
    else if (status === 'exception') rows.delete(index);
    else rows.clear();
  }

  /** Of these analysers the first that is configured and did not answer; undefined when all did. */
  silentOf(before: readonly string[]): string | undefined {
    const answered = this.answered;
    return before.find((id) => this.#ids.includes(id) && !answered.includes(id));
  }
}
