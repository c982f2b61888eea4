import { chainNext, cutItems, FarolaError, sameBytes } from '@farola/shared';
import { branchOf, epochOf } from '@farola/collector/branch-id.js';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { LCU_LIMIT, ledgerKey, ledgerKeyParts, ORDINAL_LIMIT, slotOf } from '@farola/collector/ledger/ledger-key.js';
import type {
  HeldDetail,
  Judgement,
  Ledger,
  LedgerReader,
  LedgerRow,
  NewAnswer,
  OwnedRange,
  SharedRange,
  SharedSpan,
  SignedAnswer,
  ToldHead,
} from '@farola/collector/ledger/ledger.js';
import type { HeldRange } from '@farola/collector/ledger/held-range.js';
import { clip, without } from '@farola/collector/ledger/spans.js';

interface StoredGap extends HeldRange {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
}

interface StoredHead extends ToldHead {
  readonly lcuNo: number;
}

interface StoredRow extends LedgerRow {
  readonly adds: readonly HeldRange[];
}

/** A ledger that forgets. `fail` makes the next appends throw. */
export class MemoryLedger implements Ledger, LedgerReader {
  #rows: StoredRow[] = [];
  #gaps: StoredGap[] = [];
  #told: StoredHead[] = [];
  #shared: (SharedRange & { readonly lcuNo: number; readonly epoch: Uint8Array })[] = [];
  readonly #judgements: Judgement[] = [];
  /** Asked before each append: what to throw, or undefined. */
  fail: (answers: readonly NewAnswer[]) => Error | undefined = () => undefined;
  /** Sizes of the appends that were asked, failed ones included. */
  readonly batches: number[] = [];

  append(answers: readonly NewAnswer[]): readonly number[] {
    this.batches.push(answers.length);
    const error = this.fail(answers);
    if (error) throw error;
    const before = { rows: [...this.#rows], gaps: [...this.#gaps], told: [...this.#told], shared: [...this.#shared] };
    try {
      return answers.map((answer) => this.#add(answer));
    } catch (failure) {
      this.#rows = before.rows;
      this.#gaps = before.gaps;
      this.#told = before.told;
      this.#shared = before.shared;
      throw failure;
    }
  }

  settle(): void {
    // It is in order at once.
  }

  judge(judgement: Judgement): void {
    this.#judgements.push(judgement);
  }

  branches(lcuNo: number, epoch: Uint8Array): number {
    const known = [...this.#rows, ...this.#gaps, ...this.#told].filter((one) =>
      isOf(lcuNo, epoch)({ ...one, epoch: epochOf(one.epoch) }),
    );
    return 1 + known.reduce((most, one) => Math.max(most, branchOf(one.epoch)), 0);
  }

  epochsOf(lcuNo: number): readonly Uint8Array[] {
    const all = this.#rows.filter((row) => row.lcuNo === lcuNo).map(({ epoch }) => epoch);
    return all.filter((epoch, i) => all.findIndex((one) => sameBytes(one, epoch)) === i);
  }

  holding(lcuNo: number, epoch: Uint8Array): EpochHolding {
    const of = isOf(lcuNo, epoch);
    const owned = this.#rows.filter(of).flatMap(({ adds }) => adds);
    return EpochHolding.EMPTY.grownBy([...this.#gaps.filter(of), ...this.#shared.filter(of), ...owned]);
  }

  sharedOf(lcuNo: number, id: Uint8Array): readonly SharedSpan[] {
    return this.#shared.filter(isOf(lcuNo, id)).map(({ from, to, source }) => ({ from, to, source }));
  }

  headAt(lcuNo: number, epoch: Uint8Array, n: number): Uint8Array | undefined {
    const row = this.rowOf(lcuNo, epoch, n) ?? this.rowOf(lcuNo, epoch, n + 1);
    if (row)
      return cutItems(row.entries)
        .items.slice(0, n - row.first + 1)
        .reduce(chainNext, row.base);
    const told = this.#told.find((one) => isOf(lcuNo, epoch)(one) && one.n === n)?.head;
    const shared = this.#shared.filter(isOf(lcuNo, epoch)).find(({ from, to }) => from - 1 <= n && n <= to);
    return told ?? (shared && this.headAt(lcuNo, shared.source, n));
  }

  detail(lcuNo: number, epoch: Uint8Array, from: number, to: number): HeldDetail {
    const of = isOf(lcuNo, epoch);
    const owned = this.#rows.filter(of).flatMap(({ adds }) => adds);
    return {
      told: this.#told.filter((told) => of(told) && told.n >= from && told.n <= to).sort((a, b) => a.n - b.n),
      byteless: without(clip(this.#gaps.filter(of), from, to), [...owned, ...this.#shared.filter(of)]),
      shared: this.sharedOf(lcuNo, epoch),
    };
  }

  keySpan(): { first: number; last: number } {
    const keys = this.#rows.map(({ key }) => key).sort((a, b) => a - b);
    return { first: keys[0] ?? 0, last: keys.at(-1) ?? 0 };
  }

  newestAnswer(lcuNo: number, aboutMs: number): SignedAnswer | undefined {
    const newest = (slot: number): LedgerRow | undefined =>
      [...this.rows(lcuNo, 0, Infinity)].filter(({ key }) => ledgerKeyParts(key).slot === slot).at(-1);
    return newest(slotOf(aboutMs)) ?? newest(slotOf(aboutMs) - 1);
  }

  rows(lcuNo: number, fromMs: number, toMs: number): Iterable<LedgerRow> {
    return this.rowsFrom(0).filter((row) => row.lcuNo === lcuNo && row.receivedAtMs >= fromMs && row.receivedAtMs <= toMs);
  }

  rowsFrom(key: number): LedgerRow[] {
    return this.#rows
      .filter((row) => row.key >= key)
      .sort((a, b) => a.key - b.key)
      .map(({ adds: _, ...row }) => row);
  }

  keysFrom(key: number): number[] {
    return this.rowsFrom(key).map((row) => row.key);
  }

  row(key: number): LedgerRow | undefined {
    return this.rowsFrom(key).find((row) => row.key === key);
  }

  rowOf(lcuNo: number, epoch: Uint8Array, n: number): LedgerRow | undefined {
    const found = this.#rows.find(
      (row) => row.lcuNo === lcuNo && sameBytes(row.epoch, epoch) && row.adds.some(({ from, to }) => from <= n && n <= to),
    );
    if (!found) {
      const shared = this.sharedOf(lcuNo, epoch).find(({ from, to }) => from <= n && n <= to);
      return shared && this.rowOf(lcuNo, shared.source, n);
    }
    const { adds: _, ...row } = found;
    return row;
  }

  ownedBy(key: number): readonly OwnedRange[] {
    const row = this.#rows.find((one) => one.key === key);
    return row ? row.adds.map(({ from, to }) => ({ epoch: row.epoch, from, to })) : [];
  }

  oneOfEach(): LedgerRow[] {
    return [...new Map([...this.rowsFrom(0)].map((row) => [row.lcuNo, row])).values()];
  }

  judgements(lcuNo: number): readonly Judgement[] {
    return this.#judgements.filter((judgement) => judgement.lcuNo === lcuNo);
  }

  close(): void {
    this.#rows = [];
  }

  #add(answer: NewAnswer): number {
    const { lcuNo, receivedAtMs, poll, answer: signed, epoch, first, base, entries, adds, gaps } = answer;
    for (const { from, to } of adds) {
      const [byteless] = this.detail(lcuNo, epoch, from, to).byteless;
      if (byteless?.from !== from || byteless.to !== to) this.#checkFree(lcuNo, epoch, { from, to });
    }
    const key = this.#nextKey(lcuNo, receivedAtMs);
    this.#rows.push({ key, lcuNo, receivedAtMs, poll, answer: signed, epoch, first, base, entries, adds });
    for (const share of answer.shares) {
      this.#checkFree(lcuNo, share.id, share);
      this.#shared.push({ lcuNo, epoch: share.id, ...share });
    }
    for (const [of, from, to, prev, head] of gaps) {
      this.#checkFree(lcuNo, of, { from, to });
      this.#gaps.push({ lcuNo, epoch: of, from, to, prev, head });
      for (const end of [
        { n: from - 1, head: prev },
        { n: to, head },
      ])
        this.#tell({ lcuNo, epoch: of, ...end });
    }
    for (const told of answer.told) this.#tell({ lcuNo, ...told });
    return key;
  }

  #tell(told: StoredHead): void {
    const isKnown = this.#told.some((one) => isOf(told.lcuNo, told.epoch)(one) && one.n === told.n);
    if (!isKnown) this.#told.push(told);
  }

  #checkFree(lcuNo: number, epoch: Uint8Array, { from, to }: { from: number; to: number }): void {
    const missing = this.holding(lcuNo, epoch).missing(from, to);
    if (missing[0]?.from !== from || missing[0].to !== to)
      throw new RangeError(`entries ${from} to ${to} overlap what is stored`);
  }

  #nextKey(lcuNo: number, receivedAtMs: number): number {
    if (lcuNo >= LCU_LIMIT) throw new RangeError(`lcuNo ${lcuNo} is out of bounds`);
    const lowest = ledgerKey({ slot: slotOf(receivedAtMs), lcuNo, ordinal: 0 });
    const used = this.#rows.filter(({ key }) => key >= lowest && key < lowest + ORDINAL_LIMIT).length;
    if (used >= ORDINAL_LIMIT) throw new FarolaError('ledger-slot-full', { lcu: lcuNo, limit: ORDINAL_LIMIT });
    return lowest + used;
  }
}

function isOf(lcuNo: number, epoch: Uint8Array): (one: { lcuNo: number; epoch: Uint8Array }) => boolean {
  return (one) => one.lcuNo === lcuNo && sameBytes(one.epoch, epoch);
}
