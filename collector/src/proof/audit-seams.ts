import { toHex } from '@farola/shared';
import type { AuditedRow } from './audit-row.js';
import { findingOf } from './audit-row.js';
import { EpochHolding } from '../ledger/epoch-holding.js';
import type { Finding } from './finding.js';
import type { HeldRange } from '../ledger/held-range.js';
import type { RowProver } from './prove-row.js';

/** What is put together of one chain. */
interface Covered {
  bytes: EpochHolding;
  gaps: EpochHolding;
}

/**
 * What rows of all files own, put together: no entry twice, also from one file to the next, and ranges that meet with the
 * same hash where they do. Gaps are put together by themselves: bytes may come for them.
 */
export class AuditSeams {
  readonly #chains = new Map<string, Covered>();
  readonly #prover: Pick<RowProver, 'nameOf'>;

  constructor(prover: Pick<RowProver, 'nameOf'>) {
    this.#prover = prover;
  }

  /** Takes a row in, whose bytes agree; gives what of it contradicts others. */
  add({ row, proven, owned, gaps }: AuditedRow, month: string): Finding[] {
    if (!proven) return [];
    const findings: Finding[] = [];
    const last = row.first + proven.items.length - 1;
    const take = (of: keyof Covered, id: Uint8Array, range: HeldRange): void => {
      const what = this.#take(of, row.lcuNo, id, range);
      if (what !== undefined) findings.push({ ...findingOf(row, month, this.#prover, what), from: range.from, to: range.to });
    };
    for (const { from, to } of owned) {
      const [prev, head] = [proven.heads[from - row.first], proven.heads[to - row.first + 1]];
      if (to <= last && prev && head) take('bytes', row.epoch, { from, to, prev, head });
    }
    for (const { epoch, from, to, prev, head } of gaps) take('gaps', epoch, { from, to, prev, head });
    return findings;
  }

  #take(of: keyof Covered, lcuNo: number, id: Uint8Array, range: HeldRange): string | undefined {
    const name = `${lcuNo}/${toHex(id)}`;
    const covered = this.#chains.get(name) ?? { bytes: EpochHolding.EMPTY, gaps: EpochHolding.EMPTY };
    const [free, ...more] = covered[of].missing(range.from, range.to);
    if (free?.from !== range.from || free.to !== range.to || more.length > 0) return 'owned twice';
    if (!covered.bytes.agreesWith(range) || !covered.gaps.agreesWith(range)) {
      return 'its hashes are not those of the range that it meets';
    }
    covered[of] = covered[of].with(range);
    this.#chains.set(name, covered);
    return undefined;
  }
}
