/** Borders between buckets, ms: each is a quarter above the one before, from a millisecond to about a minute. */
const BORDERS: readonly number[] = Array.from({ length: 50 }, (_, index) => 1.25 ** index);

/** How long answers took, in buckets that keep a percentile within a quarter of its value, whatever their number. */
export class LatencyCounts {
  readonly #counts = new Uint32Array(BORDERS.length + 1);
  #total = 0;

  /** One answer took so long, ms. */
  add(ms: number): void {
    const bucket = BORDERS.findIndex((border) => ms <= border);
    const index = bucket < 0 ? BORDERS.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total++;
  }

  /** What this share of the answers, 0 to 1, did not pass, ms, rounded up to its bucket; null while there was none. */
  percentile(share: number): number | null {
    if (this.#total === 0) return null;
    let left = Math.ceil(this.#total * share);
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.round(10 * (BORDERS[Math.min(index, BORDERS.length - 1)] ?? 0)) / 10;
    }
    return null;
  }
}
