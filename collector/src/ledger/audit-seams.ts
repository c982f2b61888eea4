import { toHex } from '@farola/shared';
import type { AuditedRow } from './audit-row.js';
import { findingOf } from './audit-row.js';
import { EpochHolding } from './epoch-holding.js';
import type { Finding } from './finding.js';
import type { HeldRange } from './held-range.js';
import type { RowProver } from './prove-row.js';

/**
 * What rows of all files own, put together: no entry twice, also from one file to the next, and ranges that meet with the
 * same hash where they do.
 */
export class AuditSeams {
  readonly #holdings = new Map<string, EpochHolding>();
  readonly #prover: Pick<RowProver, 'nameOf'>;

  constructor(prover: Pick<RowProver, 'nameOf'>) {
    this.#prover = prover;
  }

  /** Takes a row in, whose bytes agree; gives what of it contradicts others. */
  add({ row, proven, owned, gaps }: AuditedRow, month: string): Finding[] {
    if (!proven) return [];
    const findings: Finding[] = [];
    const last = row.first + proven.items.length - 1;
    const take = (epoch: Uint8Array, range: HeldRange): void => {
      const what = this.#take(row.lcuNo, epoch, range);
      if (what !== undefined) findings.push({ ...findingOf(row, month, this.#prover, what), from: range.from, to: range.to });
    };
    for (const { from, to } of owned) {
      const [prev, head] = [proven.heads[from - row.first], proven.heads[to - row.first + 1]];
      if (to <= last && prev && head) take(row.epoch, { from, to, prev, head });
    }
    for (const { epoch, from, to, prev, head } of gaps) take(epoch, { from, to, prev, head });
    return findings;
  }

  #take(lcuNo: number, epoch: Uint8Array, range: HeldRange): string | undefined {
    const name = `${lcuNo}/${toHex(epoch)}`;
    const holding = this.#holdings.get(name) ?? EpochHolding.EMPTY;
    const [free, ...more] = holding.missing(range.from, range.to);
    if (free?.from !== range.from || free.to !== range.to || more.length > 0) return 'owned twice';
    try {
      this.#holdings.set(name, holding.with(range));
    } catch (error) {
      if (error instanceof RangeError) return 'its hashes are not those of the range that it meets';
      throw error;
    }
    return undefined;
  }
}
