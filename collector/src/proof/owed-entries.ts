import { decodeEntry, ENTRY_KINDS, peekEntry, toHex } from '@farola/shared';
import { branchName, epochOf } from '../branch-id.js';
import type { AuditedRow } from './audit-row.js';
import type { AuditedEpoch } from './audit-tables.js';
import type { Finding } from './finding.js';
import type { RowProver } from './prove-row.js';

interface Named {
  readonly lcuNo: number;
  readonly epoch: string;
  readonly n: number;
  /** Where it is named. */
  readonly month: string;
  readonly key: number;
}

interface Known {
  readonly lcuNo: number;
  /** Of the epoch, whichever of its chains it is. */
  readonly name: string;
  /** Of the chain, as it is told. */
  readonly chain: string;
  readonly month: string;
  readonly last: number;
  readonly holes: AuditedEpoch['holes'];
}

/** Gathers what polls acknowledged, starts name and tables hold, and tells what of it is not here. */
export class OwedEntries {
  readonly #acknowledged = new Map<string, Named>();
  readonly #previous = new Map<string, Named>();
  readonly #known = new Map<string, Known>();
  readonly #prover: Pick<RowProver, 'nameOf'>;

  constructor(prover: Pick<RowProver, 'nameOf'>) {
    this.#prover = prover;
  }

  /** Takes a row in, whose bytes agree. */
  row({ row, proven }: AuditedRow, month: string): void {
    if (!proven) return;
    const { lcuNo, key } = row;
    for (const [epoch, n] of proven.poll.acks) note(this.#acknowledged, { lcuNo, epoch: toHex(epoch), n, month, key });
    const [start] = row.first === 1 ? proven.items : [];
    const entry = start && peekEntry(start).kind === ENTRY_KINDS.start ? decodeEntry(start) : undefined;
    const previous = entry?.kind === 'start' ? entry.previous : null;
    if (previous) note(this.#previous, { lcuNo, epoch: toHex(previous.epoch), n: previous.n, month, key });
  }

  /** Takes in what a file says of an epoch; the newest file that names it tells all. */
  epoch({ epoch: { lcuNo, epoch }, holes, last }: AuditedEpoch, month: string): void {
    const name = nameOf(lcuNo, toHex(epochOf(epoch)));
    const chain = branchName(epoch);
    this.#known.set(nameOf(lcuNo, chain), { lcuNo, name, chain, month, last, holes });
  }

  /** What is not here: `gone` when a poll acknowledged it, else `owed`. */
  findings(): Finding[] {
    return [...this.#holes(), ...this.#ends(this.#acknowledged, 'gone'), ...this.#ends(this.#previous, 'owed')];
  }

  *#holes(): Generator<Finding> {
    for (const { lcuNo, name, chain, month, holes } of this.#known.values()) {
      const upTo = this.#acknowledged.get(name)?.n ?? 0;
      for (const { from, to } of holes) {
        if (from > upTo) yield this.#told('owed', 'never delivered', { lcuNo, chain, month, from, to });
      }
    }
  }

  /** Of what is named up to n, the part beyond what is here of any chain of the epoch. */
  *#ends(named: ReadonlyMap<string, Named>, kind: Finding['kind']): Generator<Finding> {
    const lasts = new Map<string, number>();
    for (const { name, last } of this.#known.values()) lasts.set(name, Math.max(last, lasts.get(name) ?? 0));
    for (const [name, { lcuNo, epoch, n, month, key }] of named) {
      const last = lasts.get(name) ?? 0;
      const acknowledged = kind === 'owed' ? (this.#acknowledged.get(name)?.n ?? 0) : 0;
      const from = Math.max(last, acknowledged) + 1;
      if (n < from) continue;
      const what = kind === 'gone' ? 'acknowledged by a later poll' : 'named by the start of the next epoch, and never delivered';
      yield { ...this.#told(kind, what, { lcuNo, chain: epoch, month, from, to: n }), key };
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

function note(into: Map<string, Named>, named: Named): void {
  const name = nameOf(named.lcuNo, named.epoch);
  if (named.n > (into.get(name)?.n ?? 0)) into.set(name, named);
}
