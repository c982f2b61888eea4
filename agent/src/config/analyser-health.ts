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

  /**
   * Why those that answered before are missed, such as `analyser mains is silent`: one of them is still configured and does not
   * answer, or nothing does, under whatever ids, though something is configured. Undefined when nothing is amiss.
   */
  whySilent(before: readonly string[]): string | undefined {
    const answered = this.answered;
    const silent = before.find((id) => this.#ids.includes(id) && !answered.includes(id));
    if (silent !== undefined) return `analyser ${silent} is silent`;
    const isDeaf = before.length > 0 && this.#ids.length > 0 && answered.length === 0;
    return isDeaf ? 'no analyser answers' : undefined;
  }
}
