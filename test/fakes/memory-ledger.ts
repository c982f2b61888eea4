import { chainNext, cutItems, FarolaError, sameBytes } from '@farola/shared';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { LCU_LIMIT, ledgerKey, ORDINAL_LIMIT, slotOf } from '@farola/collector/ledger/ledger-key.js';
import type { Judgement, Ledger, LedgerReader, LedgerRow, NewAnswer, OwnedRange } from '@farola/collector/ledger/ledger.js';
import type { HeldRange } from '@farola/collector/ledger/held-range.js';

interface StoredGap extends HeldRange {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
}

interface StoredRow extends LedgerRow {
  readonly adds: readonly HeldRange[];
}

/** A ledger that forgets. `fail` makes the next appends throw. */
export class MemoryLedger implements Ledger, LedgerReader {
  #rows: StoredRow[] = [];
  #gaps: StoredGap[] = [];
  readonly #judgements: Judgement[] = [];
  /** Asked before each append: what to throw, or undefined. */
  fail: (answers: readonly NewAnswer[]) => Error | undefined = () => undefined;
  /** Sizes of the appends that were asked, failed ones included. */
  readonly batches: number[] = [];

  append(answers: readonly NewAnswer[]): readonly number[] {
    this.batches.push(answers.length);
    const error = this.fail(answers);
    if (error) throw error;
    const before = { rows: [...this.#rows], gaps: [...this.#gaps] };
    try {
      return answers.map((answer) => this.#add(answer));
    } catch (failure) {
      this.#rows = before.rows;
      this.#gaps = before.gaps;
      throw failure;
    }
  }

  judge(judgement: Judgement): void {
    this.#judgements.push(judgement);
  }

  holding(lcuNo: number, epoch: Uint8Array): EpochHolding {
    const of = (one: { lcuNo: number; epoch: Uint8Array }): boolean => one.lcuNo === lcuNo && sameBytes(one.epoch, epoch);
    const ranges = [...this.#rows.filter(of).flatMap(({ adds }) => adds), ...this.#gaps.filter(of)];
    return ranges.reduce((holding, range) => holding.with(range), EpochHolding.EMPTY);
  }

  headAt(lcuNo: number, epoch: Uint8Array, n: number): Uint8Array | undefined {
    const row = this.rowOf(lcuNo, epoch, n);
    if (row)
      return cutItems(row.entries)
        .items.slice(0, n - row.first + 1)
        .reduce(chainNext, row.base);
    return this.#gaps.find((gap) => gap.lcuNo === lcuNo && sameBytes(gap.epoch, epoch) && gap.to === n)?.head;
  }

  keySpan(): { first: number; last: number } {
    const keys = this.#rows.map(({ key }) => key).sort((a, b) => a - b);
    return { first: keys[0] ?? 0, last: keys.at(-1) ?? 0 };
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
    if (!found) return undefined;
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
    for (const range of adds) this.#checkFree(lcuNo, epoch, range);
    const key = this.#nextKey(lcuNo, receivedAtMs);
    this.#rows.push({ key, lcuNo, receivedAtMs, poll, answer: signed, epoch, first, base, entries, adds });
    for (const [of, from, to, prev, head] of gaps) {
      this.#checkFree(lcuNo, of, { from, to });
      this.#gaps.push({ lcuNo, epoch: of, from, to, prev, head });
    }
    return key;
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
