import { sameBytes } from '@farola/shared';
import type { HeldRange } from './held-range.js';

/** What is stored of one epoch: runs without a hole, ascending and apart from each other. Immutable. */
export class EpochHolding {
  static readonly EMPTY = new EpochHolding([]);

  readonly runs: readonly HeldRange[];

  private constructor(runs: readonly HeldRange[]) {
    this.runs = runs;
  }

  /** Everything up to here is stored: `n` 0 and no head while entry 1 is missing. */
  get mark(): { readonly n: number; readonly head: Uint8Array | undefined } {
    const first = this.runs[0];
    return first?.from === 1 ? { n: first.to, head: first.head } : { n: 0, head: undefined };
  }

  /** Number of runs beyond the mark. */
  get islandCount(): number {
    return this.runs[0]?.from === 1 ? this.runs.length - 1 : this.runs.length;
  }

  /** Highest entry that is stored; 0 when none is. */
  get last(): number {
    return this.runs[this.runs.length - 1]?.to ?? 0;
  }

  /** The parts of from..to that are not stored, ascending. */
  missing(from: number, to: number): { readonly from: number; readonly to: number }[] {
    const parts: { from: number; to: number }[] = [];
    let next = from;
    for (const run of this.runs) {
      if (run.to < next) continue;
      if (run.from > to) break;
      if (run.from > next) parts.push({ from: next, to: run.from - 1 });
      next = run.to + 1;
    }
    if (next <= to) parts.push({ from: next, to });
    return parts;
  }

  /** The holding with more ranges; what lies within a run adds nothing to it. As `with` otherwise. */
  grownBy(ranges: readonly HeldRange[]): EpochHolding {
    return ranges.reduce<EpochHolding>((grown, range) => (grown.covers(range) ? grown : grown.with(range)), this);
  }

  /** Whether all of from..to is held. */
  covers({ from, to }: Pick<HeldRange, 'from' | 'to'>): boolean {
    for (const run of this.runs) if (run.from <= from && run.to >= to) return true;
    return false;
  }

  /** Whether a range has the heads of the runs that it meets. */
  agreesWith({ from, to, prev, head }: HeldRange): boolean {
    return this.runs.every((run) => {
      return (run.to !== from - 1 || sameBytes(run.head, prev)) && (run.from !== to + 1 || sameBytes(run.prev, head));
    });
  }

  /**
   * The holding with one more range, which must not overlap a run. Runs that meet become one; RangeError when they do
   * not agree where they meet, which the caller has to have checked.
   */
  with(added: HeldRange): EpochHolding {
    let index = this.runs.length;
    while (index > 0 && (this.runs[index - 1] as HeldRange).from > added.from) index--;
    const before = this.runs[index - 1];
    const after = this.runs[index];
    if ((before && before.to >= added.from) || (after && after.from <= added.to)) throw new RangeError('ranges overlap');
    const joinsBefore = before?.to === added.from - 1;
    const joinsAfter = after?.from === added.to + 1;
    if (joinsBefore && !sameBytes(before.head, added.prev)) throw new RangeError('ranges do not agree');
    if (joinsAfter && !sameBytes(after.prev, added.head)) throw new RangeError('ranges do not agree');
    const joined: HeldRange = {
      from: joinsBefore ? before.from : added.from,
      prev: joinsBefore ? before.prev : added.prev,
      to: joinsAfter ? after.to : added.to,
      head: joinsAfter ? after.head : added.head,
    };
    const first = joinsBefore ? index - 1 : index;
    return new EpochHolding(this.runs.toSpliced(first, Number(joinsBefore) + Number(joinsAfter), joined));
  }
}
