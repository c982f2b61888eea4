import type BetterSqlite3 from 'better-sqlite3';
import { type Cbor, decodeEntry, GAP_REASON, sameBytes } from '@farola/shared';
import type { GapRecord } from '@farola/shared';
import type { DamagedSpan, EpochState } from './epoch-state.js';
import { type ChainEvidence, examineDamage, provenHead } from './examine-damage.js';
import type { SqliteEpochs } from './sqlite-epochs.js';

/** A proven head of an epoch, and the entry whose head it is. */
export interface ProvenHead {
  readonly n: number;
  readonly head: Uint8Array;
}

/** What the journal knows and does. */
export interface DamageDeps {
  /** The present epoch, whose last head is in memory; undefined before it has begun. */
  readonly present: () => EpochState | undefined;
  /** Tells that entries are damaged: `[epoch, from, to]`. */
  readonly record: (facts: readonly Cbor[]) => void;
}

/**
 * Knows which entries of the journal cannot be proven any more, and mends what can; whoever calls holds the
 * transaction. A span is kept until its entries go.
 */
export class SqliteDamage {
  readonly #epochs: SqliteEpochs;
  readonly #deps: DamageDeps;
  readonly #spans;
  readonly #insert;
  readonly #remove;
  /** Whether no span was ever recorded, as of most journals: then none is asked for. */
  #isWhole: boolean;
  /** Last entries of past epochs that were proven, by id of the epoch: those that were asked for last. */
  #proven: ReadonlyMap<number, number> = new Map();

  constructor(db: BetterSqlite3.Database, epochs: SqliteEpochs, deps: DamageDeps) {
    this.#epochs = epochs;
    this.#deps = deps;
    this.#spans = db.prepare<[number], DamagedSpan>(
      'SELECT from_n AS "from", to_n AS "to", prev, head FROM damage WHERE epoch_id = ? ORDER BY from_n',
    );
    this.#insert = db.prepare<[number, number, number, Uint8Array, Uint8Array]>('INSERT INTO damage VALUES (?, ?, ?, ?, ?)');
    this.#remove = db.prepare<[number, number]>('DELETE FROM damage WHERE epoch_id = ? AND to_n <= ?');
    this.#isWhole = db.prepare('SELECT 1 FROM damage LIMIT 1').get() === undefined;
  }

  /** Damaged spans of an epoch, ascending. */
  spans({ id }: EpochState): DamagedSpan[] {
    return this.#isWhole ? [] : this.#spans.all(id);
  }

  /** Forgets the spans whose entries are gone. */
  forget({ id }: EpochState, upTo: number): void {
    this.#remove.run(id, upTo);
  }

  /** The damaged spans of an epoch that no ack covers, as answers carry them. */
  gaps(epoch: EpochState): GapRecord[] {
    const owed = this.spans(epoch).filter(({ to }) => to > epoch.acked);
    return owed.map(({ from, to, prev, head }) => [epoch.epoch, from, to, prev, head, GAP_REASON.damaged]);
  }

  /**
   * h(n), or the head at the end of the damaged span that n lies in, or of the last entry when n turns out to lie beyond
   * it. What is damaged there is mended or recorded first.
   */
  headAt(epoch: EpochState, n: number): ProvenHead {
    for (let now = epoch; ; now = this.#find(epoch)) {
      const at = Math.min(n, now.last);
      const span = this.spans(now).find(({ from, to }) => from <= at && at <= to);
      if (span) return { n: span.to, head: span.head };
      const head = provenHead(this.evidence(now), at);
      if (head) return { n: at, head };
      this.mend(now, at);
    }
  }

  /**
   * The first of some past epochs whose last entry is not here, or cannot be vouched for; undefined when there is none. What was
   * proven is not proven again while it ends there: each answer lists the same epochs.
   */
  unprovenEnd(past: readonly EpochState[]): EpochState | undefined {
    const proven = new Map<number, number>();
    const unproven = past.find((epoch) => {
      if (this.#proven.get(epoch.id) !== epoch.last && !this.#isEndProven(epoch)) return true;
      proven.set(epoch.id, epoch.last);
      return false;
    });
    this.#proven = proven;
    return unproven;
  }

  /**
   * Finds the end of a past epoch that can be proven. Where rows are lost beyond it, they are recorded, and told as a gap where the
   * start of the next epoch names their end, or where they were recorded before.
   */
  mendEnd(epoch: EpochState): void {
    if (this.putBackEnd(epoch)) return;
    const { n, head: prev } = this.headAt(epoch, epoch.last);
    const named = this.#namedEnd(epoch);
    if (!named || named.n <= n) {
      this.#epochs.cutEnd(epoch, n);
      if (epoch.end > epoch.last) this.#deps.record([epoch.epoch, epoch.last + 1, epoch.end]);
      return;
    }
    this.#epochs.addEntry(epoch, { n: named.n, bytes: new Uint8Array(0), head: named.head });
    this.#keep(epoch, { from: n + 1, to: named.n, prev, head: named.head });
    this.#epochs.save({ ...epoch, last: named.n, end: named.n });
    this.#deps.record([epoch.epoch, n + 1, named.n]);
  }

  /** The epoch as it is when its end is proven: that of a past one is mended first, for acknowledged entries may be lost there as well. */
  withProvenEnd(epoch: EpochState): EpochState {
    let now = this.#find(epoch);
    while (this.#deps.present()?.id !== now.id && !this.#isEndProven(now)) {
      this.mendEnd(now);
      now = this.#find(now);
    }
    return now;
  }

  /** Puts an empty entry at the end of damage that was recorded, where the one that stood there is lost; whether it was. */
  putBackEnd(epoch: EpochState): boolean {
    const span = this.spans(epoch).at(-1);
    if (!span || span.to <= epoch.last) return false;
    this.#epochs.addEntry(epoch, { n: span.to, bytes: new Uint8Array(0), head: span.head });
    this.#epochs.save({ ...epoch, last: span.to });
    return true;
  }

  /** Mends or records what is damaged around entry n, which lies in no known span. */
  mend(epoch: EpochState, n: number): void {
    const damage = examineDamage(this.evidence(epoch), n);
    if (damage?.kind === 'heads') for (const { n: at, head } of damage.heads) this.#epochs.setHead(epoch, at, head);
    if (damage?.kind === 'span') {
      this.#keep(epoch, damage.span);
      this.#deps.record([epoch.epoch, damage.span.from, damage.span.to]);
    }
    if (damage?.kind === 'end') {
      this.#epochs.cutEnd(epoch, damage.after);
      this.#deps.record([epoch.epoch, damage.after + 1, epoch.last]);
    }
  }

  /** What proves the entries of an epoch. */
  evidence(epoch: EpochState): ChainEvidence {
    return {
      epoch,
      spans: this.spans(epoch),
      rowAt: (n) => this.#epochs.rowAt(epoch, n),
      rowBefore: (n) => this.#epochs.rowBefore(epoch, n),
      rowsFrom: (n) => this.#epochs.rowsFrom(epoch, n),
      lastHead: () => this.#lastHead(epoch),
    };
  }

  #keep({ id }: EpochState, { from, to, prev, head }: DamagedSpan): void {
    this.#isWhole = false;
    this.#insert.run(id, from, to, prev, head);
  }

  #isEndProven(epoch: EpochState): boolean {
    return epoch.end === epoch.last && provenHead(this.evidence(epoch), epoch.last) !== undefined;
  }

  /** As the table has it now, where entries may just have gone; but of the present one memory has the last entry. */
  #find(epoch: EpochState): EpochState {
    const present = this.#deps.present();
    const found = this.#epochs.find(epoch.epoch) ?? epoch;
    return present?.id === epoch.id ? { ...found, last: present.last, head: present.head } : found;
  }

  /** h(last) as memory has it of the present epoch, and the start of the next one of another. */
  #lastHead(epoch: EpochState): Uint8Array | undefined {
    const present = this.#deps.present();
    if (present?.id === epoch.id) return present.head;
    const named = this.#namedEnd(epoch);
    return named?.n === epoch.last ? named.head : undefined;
  }

  /** The last entry of a past epoch as the start of the next one names it; undefined where that cannot be proven. */
  #namedEnd(epoch: EpochState): ProvenHead | undefined {
    const next = this.#epochs.after(epoch);
    const row = next?.floor === 0 ? this.#epochs.rowAt(next, 1) : undefined;
    if (!next || !row || !provenHead({ ...this.evidence(next), spans: [] }, 1)) return undefined;
    const start = decodeEntry(row.bytes);
    const previous = start.kind === 'start' ? start.previous : null;
    return previous && sameBytes(previous.epoch, epoch.epoch) ? previous : undefined;
  }
}
