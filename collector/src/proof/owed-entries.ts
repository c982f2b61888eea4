import { decodeEntry, ENTRY_KINDS, peekEntry, sameBytes, toHex } from '@farola/shared';
import { branchName, epochOf } from '../branch-id.js';
import type { AuditedRow } from './audit-row.js';
import type { AuditedEpoch } from './audit-tables.js';
import type { Finding } from './finding.js';
import type { LedgerMonths } from '../ledger/ledger-month.js';
import type { RowProver } from './prove-row.js';
import { isUnreadable } from './walk-rows.js';

interface Named {
  readonly lcuNo: number;
  readonly epoch: string;
  readonly n: number;
  /** h(n), as it is named. */
  readonly head: Uint8Array;
  /** Where it is named. */
  readonly month: string;
  readonly key: number;
}

interface Known {
  readonly lcuNo: number;
  /** Of the epoch, whichever of its chains it is. */
  readonly name: string;
  readonly id: Uint8Array;
  /** Of the chain, as it is told. */
  readonly chain: string;
  readonly month: string;
  readonly last: number;
  readonly holes: AuditedEpoch['holes'];
}

/** A gap that an answer told, and the row of that. */
interface SignedGap {
  readonly from: number;
  readonly to: number;
  /** h(from - 1) and h(to), as the answer told them. */
  readonly prev: Uint8Array;
  readonly head: Uint8Array;
  readonly key: number;
}

/** Gathers what polls acknowledged, starts name and tables hold, and tells what of it is not here. */
export class OwedEntries {
  readonly #acknowledged = new Map<string, Named>();
  readonly #previous = new Map<string, Named>();
  readonly #known = new Map<string, Known>();
  readonly #gaps = new Map<string, SignedGap[]>();
  readonly #prover: Pick<RowProver, 'nameOf'>;
  readonly #months: Pick<LedgerMonths, 'headAt'>;

  constructor(prover: Pick<RowProver, 'nameOf'>, months: Pick<LedgerMonths, 'headAt'>) {
    this.#prover = prover;
    this.#months = months;
  }

  /** Takes a row in, whose bytes agree. */
  row({ row, proven }: AuditedRow, month: string): void {
    if (!proven) return;
    const { lcuNo, key } = row;
    for (const [epoch, n, head] of proven.poll.acks) {
      const by = sameBytes(epoch, epochOf(row.epoch)) ? branchName(row.epoch) : toHex(epoch);
      note(this.#acknowledged, by, { lcuNo, epoch: toHex(epoch), n, head, month, key });
    }
    for (const [epoch, from, to, prev, head] of proven.answer.gaps) {
      const of = nameOf(lcuNo, toHex(epoch));
      this.#gaps.set(of, [...(this.#gaps.get(of) ?? []), { from, to, prev, head, key }]);
    }
    const [start] = row.first === 1 ? proven.items : [];
    const entry = start && peekEntry(start).kind === ENTRY_KINDS.start ? decodeEntry(start) : undefined;
    const previous = entry?.kind === 'start' ? entry.previous : null;
    if (!previous) return;
    const { epoch, n, head } = previous;
    note(this.#previous, toHex(epoch), { lcuNo, epoch: toHex(epoch), n, head, month, key });
  }

  /** Takes in what a file says of an epoch; the newest file that names it tells all. */
  epoch({ epoch: { lcuNo, epoch }, holes, last }: AuditedEpoch, month: string): void {
    const name = nameOf(lcuNo, toHex(epochOf(epoch)));
    const chain = branchName(epoch);
    this.#known.set(nameOf(lcuNo, chain), { lcuNo, name, id: epoch, chain, month, last, holes });
  }

  /** What is not here: `gone` when a poll acknowledged it, else `owed`. */
  findings(): Finding[] {
    return [...this.#holes(), ...this.#ends(this.#acknowledged, 'gone'), ...this.#ends(this.#previous, 'owed')];
  }

  *#holes(): Generator<Finding> {
    const chains = this.#chains();
    for (const [id, known] of this.#known) {
      const { lcuNo, name, chain, month, holes } = known;
      const upTo = this.#acknowledged.get(id)?.n ?? 0;
      // A gap of a forked epoch may wait until its unit shows of which chain it is.
      const gaps = chains.get(name)?.length === 1 ? (this.#gaps.get(name) ?? []) : [];
      for (const { from, to } of holes) {
        if (from <= upTo) continue;
        const gap = gaps.find((one) => one.from <= to && one.to >= from && this.#isOf(known, one));
        if (gap)
          yield { ...this.#told('gone', 'the gap that this answer told', { lcuNo, chain, month, from, to }), key: gap.key };
        else yield this.#told('owed', 'never delivered', { lcuNo, chain, month, from, to });
      }
    }
  }

  /** Of what is named up to n, the part beyond what is here of any chain of the epoch that has not another h(n). */
  *#ends(named: ReadonlyMap<string, Named>, kind: Finding['kind']): Generator<Finding> {
    const chains = this.#chains();
    for (const [name, at] of named) {
      const { lcuNo, epoch, n, month, key } = at;
      const own = (chains.get(nameOf(lcuNo, epoch)) ?? []).filter(
        (chain, _, { length }) => length === 1 || this.#mayBe(chain, at),
      );
      const last = Math.max(0, ...own.map((chain) => chain.last));
      const acknowledged = kind === 'owed' ? (this.#acknowledged.get(name)?.n ?? 0) : 0;
      const from = Math.max(last, acknowledged) + 1;
      if (n < from) continue;
      const what = kind === 'gone' ? 'acknowledged by a later poll' : 'named by the start of the next epoch, and never delivered';
      yield { ...this.#told(kind, what, { lcuNo, chain: epoch, month, from, to: n }), key };
    }
  }

  /** The chains of each epoch. */
  #chains(): Map<string, Known[]> {
    const chains = new Map<string, Known[]>();
    for (const one of this.#known.values()) chains.set(one.name, [...(chains.get(one.name) ?? []), one]);
    return chains;
  }

  /** Whether the chain knows both ends of a gap: it took the gap once. Another may be of a unit that shows by nothing else yet. */
  #isOf(known: Known, { from, to, prev, head }: SignedGap): boolean {
    const ends = [
      { n: from - 1, head: prev },
      { n: to, head },
    ];
    return ends.every((end) => this.#headAt(known, end.n) !== undefined && this.#mayBe(known, end));
  }

  #headAt({ lcuNo, id }: Known, n: number): Uint8Array | undefined {
    try {
      return this.#months.headAt(lcuNo, id, n);
    } catch (error) {
      if (isUnreadable(error)) return undefined;
      throw error;
    }
  }

  /** Whether the chain does not show another h(n) than what is named; one that cannot be read shows none. */
  #mayBe({ lcuNo, id, last }: Known, { n, head }: Pick<Named, 'n' | 'head'>): boolean {
    if (last < n) return true;
    try {
      const held = this.#months.headAt(lcuNo, id, n);
      return !held || sameBytes(held, head);
    } catch (error) {
      if (isUnreadable(error)) return true;
      throw error;
    }
  }

  #told(
    kind: Finding['kind'],
    what: string,
    at: { lcuNo: number; chain: string; month: string; from: number; to: number },
  ): Finding {
    const { lcuNo, chain, month, from, to } = at;
    const lcu = this.#prover.nameOf(lcuNo) ?? `number ${lcuNo}`;
    return { kind, what, month, lcu, epoch: chain, from, to };
  }
}

function nameOf(lcuNo: number, epoch: string): string {
  return `${lcuNo}/${epoch}`;
}

/** @param by what of an LCU it is the highest of */
function note(into: Map<string, Named>, by: string, named: Named): void {
  const name = nameOf(named.lcuNo, by);
  if (named.n > (into.get(name)?.n ?? 0)) into.set(name, named);
}
