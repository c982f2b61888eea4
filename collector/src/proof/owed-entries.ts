import { decodeEntry, ENTRY_KINDS, peekEntry, sameBytes, toHex } from '@farola/shared';
import { branchName, epochOf } from '../branch-id.js';
import { ACKNOWLEDGED, type CoveredChain, saysItHad } from './acknowledged.js';
import type { AuditedRow } from './audit-row.js';
import type { AuditedEpoch } from './audit-tables.js';
import type { Finding } from './finding.js';
import type { LedgerMonths, StoredEpoch } from '../ledger/ledger-month.js';
import { clip, type Span } from '../ledger/spans.js';
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

/** The highest acks that came with rows of one chain, or with rows of other epochs: those that the row beside them shows to be of it, and others. */
interface Acks {
  readonly own?: Named;
  readonly other?: Named;
}

interface Known extends CoveredChain {
  readonly lcuNo: number;
  /** Of the epoch, whichever of its chains it is. */
  readonly name: string;
  /** Of the chain, as it is told. */
  readonly chain: string;
  readonly month: string;
  /** Up to which entry its holes were told when its tables were held against each other. */
  readonly told: number;
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
  readonly #acknowledged = new Map<string, Acks>();
  readonly #previous = new Map<string, Named>();
  readonly #known = new Map<string, Known>();
  readonly #gaps = new Map<string, SignedGap[]>();
  /** Epochs of which a file could not be read whole: nothing is missed of them. */
  readonly #unread = new Set<string>();
  #restIsUnread = false;
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
      const isOfRow = sameBytes(epoch, epochOf(row.epoch));
      const shown = isOfRow ? proven.heads[n - row.first + 1] : undefined;
      const of = shown && sameBytes(shown, head) ? 'own' : 'other';
      const name = nameOf(lcuNo, isOfRow ? branchName(row.epoch) : toHex(epoch));
      const before = this.#acknowledged.get(name);
      if (n <= (before?.[of]?.n ?? 0)) continue;
      this.#acknowledged.set(name, { ...before, [of]: { lcuNo, epoch: toHex(epoch), n, head, month, key } });
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
  epoch({ epoch: { lcuNo, epoch }, holes, last, acknowledged }: AuditedEpoch, month: string): void {
    const name = nameOf(lcuNo, toHex(epochOf(epoch)));
    const chain = branchName(epoch);
    const headAt = (n: number): Uint8Array | undefined => this.#headAt(lcuNo, epoch, n);
    this.#known.set(nameOf(lcuNo, chain), { lcuNo, name, chain, month, last, holes, told: acknowledged, headAt });
  }

  /** Notes that a file could not be read for an epoch: what seems to be missing of it may be there. */
  unread({ lcuNo, epoch }: Pick<StoredEpoch, 'lcuNo' | 'epoch'>): void {
    this.#unread.add(nameOf(lcuNo, toHex(epochOf(epoch))));
  }

  /** Notes that epochs of a file could not be read, and not which. */
  unreadRest(): void {
    this.#restIsUnread = true;
  }

  /** What is not here: `gone` when a poll acknowledged it, else `owed`. */
  findings(): Finding[] {
    const chains = this.#chains();
    return [...this.#holes(chains), ...this.#ends(chains), ...this.#namedEnds(chains)];
  }

  *#holes(chains: Chains): Generator<Finding> {
    for (const known of this.#known.values()) {
      const { name, told, last } = known;
      if (this.#unread.has(name)) continue;
      const beside = chains.get(name)?.filter((one) => one !== known) ?? [];
      const acks = known.holes.length === 0 ? [] : this.#acksOf([known, ...beside]);
      const own = acks.filter(({ ack, by }) => saysItHad(ack, known, beside, by === known));
      const upTo = Math.max(told, ...own.map(({ ack }) => ack.n));
      for (const part of clip(known.holes, told + 1, upTo)) yield this.#told('gone', ACKNOWLEDGED, known, part);
      // A gap of a forked epoch may wait until its unit shows of which chain it is.
      const gaps = beside.length === 0 ? (this.#gaps.get(name) ?? []) : [];
      for (const part of clip(known.holes, upTo + 1, last)) {
        const gap = gaps.find((one) => one.from <= part.to && one.to >= part.from && isOf(known, one));
        if (gap) yield { ...this.#told('gone', 'the gap that this answer told', known, part), key: gap.key };
        else yield this.#told('owed', 'never delivered', known, part);
      }
    }
  }

  /** What polls acknowledged of the chains of an epoch, each with the chain that it came to. */
  #acksOf(chains: readonly Known[]): readonly { readonly ack: Named; readonly by: Known }[] {
    return chains.flatMap((by) => acksIn(this.#acknowledged.get(nameOf(by.lcuNo, by.chain))).map((ack) => ({ ack, by })));
  }

  /** Of what was acknowledged, the part beyond what is here. */
  *#ends(chains: Chains): Generator<Finding> {
    for (const acks of this.#acknowledged.values()) {
      const ends = acksIn(acks).map((at) => ({ at, from: lastOf(chains, at) + 1 }));
      const [end] = ends.filter(({ at, from }) => from <= at.n).sort((a, b) => b.at.n - a.at.n);
      if (end && !this.#isUnread(end.at)) yield this.#toldEnd('gone', ACKNOWLEDGED, end.at, end.from);
    }
  }

  /** Of what starts name, the part beyond what is here or was acknowledged. */
  *#namedEnds(chains: Chains): Generator<Finding> {
    for (const [name, at] of this.#previous) {
      const acknowledged = acksIn(this.#acknowledged.get(name)).map(({ n }) => n);
      const from = Math.max(lastOf(chains, at), ...acknowledged) + 1;
      if (from <= at.n && !this.#isUnread(at))
        yield this.#toldEnd('owed', 'named by the start of the next epoch, and never delivered', at, from);
    }
  }

  #isUnread({ lcuNo, epoch }: Named): boolean {
    const name = nameOf(lcuNo, epoch);
    return this.#unread.has(name) || (this.#restIsUnread && !this.#known.has(name));
  }

  /** The chains of each epoch. */
  #chains(): Chains {
    const chains = new Map<string, Known[]>();
    for (const one of this.#known.values()) chains.set(one.name, [...(chains.get(one.name) ?? []), one]);
    return chains;
  }

  #headAt(lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined {
    try {
      return this.#months.headAt(lcuNo, id, n);
    } catch (error) {
      if (isUnreadable(error)) return undefined;
      throw error;
    }
  }

  #toldEnd(kind: Finding['kind'], what: string, { lcuNo, epoch, n, month, key }: Named, from: number): Finding {
    return { ...this.#told(kind, what, { lcuNo, chain: epoch, month }, { from, to: n }), key };
  }

  #told(kind: Finding['kind'], what: string, at: Pick<Known, 'lcuNo' | 'chain' | 'month'>, { from, to }: Span): Finding {
    const { lcuNo, chain, month } = at;
    const lcu = this.#prover.nameOf(lcuNo) ?? `number ${lcuNo}`;
    return { kind, what, month, lcu, epoch: chain, from, to };
  }
}

type Chains = ReadonlyMap<string, readonly Known[]>;

function acksIn(acks: Acks | undefined): readonly Named[] {
  return [acks?.own, acks?.other].filter((ack) => ack !== undefined);
}

/** The last entry that is here of any chain of the epoch that has not another h(n) than what is named. */
function lastOf(chains: Chains, { lcuNo, epoch, ...end }: Named): number {
  const all = chains.get(nameOf(lcuNo, epoch)) ?? [];
  return Math.max(0, ...all.filter((chain) => all.length === 1 || mayBe(chain, end)).map(({ last }) => last));
}

/** Whether the chain knows both ends of a gap: it took the gap once. Another may be of a unit that shows by nothing else yet. */
function isOf(known: Known, { from, to, prev, head }: SignedGap): boolean {
  const ends = [
    { n: from - 1, head: prev },
    { n: to, head },
  ];
  return ends.every((end) => known.headAt(end.n) !== undefined && mayBe(known, end));
}

/** Whether the chain does not show another h(n) than what is named; one that cannot be read shows none. */
function mayBe({ headAt, last }: Known, { n, head }: Pick<Named, 'n' | 'head'>): boolean {
  if (last < n) return true;
  const held = headAt(n);
  return !held || sameBytes(held, head);
}

function nameOf(lcuNo: number, epoch: string): string {
  return `${lcuNo}/${epoch}`;
}

/** @param by what of an LCU it is the highest of */
function note(into: Map<string, Named>, by: string, named: Named): void {
  const name = nameOf(named.lcuNo, by);
  if (named.n > (into.get(name)?.n ?? 0)) into.set(name, named);
}
