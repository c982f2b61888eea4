import { FarolaError, type GapRecord, sameBytes } from '@farola/shared';
import { branchIds, branchOf, epochOf } from '../branch-id.js';
import { ledgerKey, ledgerKeyParts, ORDINAL_LIMIT, slotOf } from './ledger-key.js';
import { branchesIn, detailIn, holdingIn } from './sqlite-holding.js';
import type { Judgement, NewAnswer, SharedRange } from './ledger.js';
import type { LedgerFile } from './sqlite-ledger-file.js';
import type { LedgerFolder } from './sqlite-ledger-folder.js';
import { type LedgerWrites, prepareWrites } from './sqlite-ledger-writes.js';
import { ENOUGH_ROWS, RecentRanges } from './sqlite-recent-ranges.js';
import { onStore } from '../store/store-failure.js';

/** The chain that an LCU was last written in. */
interface EpochTail {
  readonly epoch: Uint8Array;
  readonly epochNo: number;
  /** Highest entry that is owned or a gap. */
  last: number;
}

/** Where an LCU was last written, so that a common append asks the file nothing. */
interface LcuTail {
  /** Its highest key since the file was taken up. */
  highest: number;
  tail: EpochTail;
}

/** The file that is written, with its inserts. */
interface Target {
  readonly file: LedgerFile;
  readonly writes: LedgerWrites;
  readonly addAll: (answers: readonly NewAnswer[]) => number[];
  readonly recent: RecentRanges;
}

/** Adds rows to the newest file of a ledger. */
export class LedgerAppender {
  readonly #folder: LedgerFolder;
  readonly #recentRows: number;
  readonly #tails = new Map<number, LcuTail>();
  /** Last slot with rows that no tail tells of: of before, to which a wall clock may go back, or of an append that failed. */
  #usedUpTo = -1;
  #target: Target | undefined;
  /** Of files that are written no more. */
  #left: RecentRanges[] = [];

  /** @param recentRows how many ranges are put in order at once */
  constructor(folder: LedgerFolder, recentRows = ENOUGH_ROWS) {
    this.#folder = folder;
    this.#recentRows = recentRows;
  }

  /** See Ledger.append. One call writes one file, that of its latest receipt, so that it is all or none. */
  append(answers: readonly NewAnswer[]): readonly number[] {
    if (answers.length === 0) return [];
    const target = this.#targetAt(Math.max(...answers.map((answer) => answer.receivedAtMs)));
    try {
      const keys = onStore(target.file.path, () => target.addAll(answers));
      target.recent.add(keys.length);
      return keys;
    } catch (error) {
      for (const { lcuNo, receivedAtMs } of answers) {
        const last = ledgerKeyParts(this.#tails.get(lcuNo)?.highest ?? 0).slot;
        this.#usedUpTo = Math.max(this.#usedUpTo, slotOf(receivedAtMs), last);
        this.#tails.delete(lcuNo);
      }
      throw error;
    }
  }

  /** See Ledger.judge. */
  judge({ lcuNo, judgedAtMs, code, facts, key, kept }: Judgement): void {
    const { file, writes } = this.#targetAt(judgedAtMs);
    const text = JSON.stringify(facts, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
    const { poll = null, answer = null, entries = null } = kept ?? {};
    onStore(file.path, () => writes.judgement.run(lcuNo, judgedAtMs, code, text, key, poll, answer, entries));
  }

  /** See Ledger.settle. */
  settle(): void {
    this.#target?.recent.settle();
    this.#settleLeft();
  }

  /** Moves all ranges to where they are looked up. Codes as `settle`. */
  settleAll(): void {
    this.#target?.recent.settleAll();
    this.#settleLeft();
  }

  /** A file is left behind when its ranges are moved. */
  #settleLeft(): void {
    for (let left = this.#left[0]; left; left = this.#left[0]) {
      left.settleAll();
      this.#left.shift();
    }
  }

  #targetAt(wallMs: number): Target {
    const file = this.#folder.fileAt(wallMs);
    if (this.#target?.file !== file) {
      this.#tails.clear();
      this.#usedUpTo = this.#lastSlot();
      const target = this.#targetOf(file);
      this.#left.push(...this.#leftBefore(file));
      this.#target = target;
    }
    return this.#target;
  }

  /** The file that was written until now; at first those of before, which a process that was killed may have left in disorder. */
  #leftBefore(file: LedgerFile): RecentRanges[] {
    if (this.#target) return [this.#target.recent];
    const older = [...this.#folder.newestFirst()].filter((one) => one !== file && hasRecent(one));
    return older.map((one) => new RecentRanges(one, this.#recentRows));
  }

  #targetOf(file: LedgerFile): Target {
    const writes = onStore(file.path, () => prepareWrites(file.db));
    const add = file.db.transaction((answers: readonly NewAnswer[]) => answers.map((answer) => this.#add(file, writes, answer)));
    return { file, writes, addAll: (answers) => add.immediate(answers), recent: new RecentRanges(file, this.#recentRows) };
  }

  #add(file: LedgerFile, writes: LedgerWrites, answer: NewAnswer): number {
    const { lcuNo, receivedAtMs, epoch, first, base, poll, entries, adds, shares, gaps, told } = answer;
    const known = this.#tails.get(lcuNo);
    const key = this.#nextKey(lcuNo, slotOf(receivedAtMs), known?.highest);
    const tail = known && sameBytes(known.tail.epoch, epoch) ? known.tail : this.#epochTail(file, writes, lcuNo, epoch);
    writes.answer.run(key, receivedAtMs, tail.epochNo, first, base, poll, answer.answer, entries);
    for (const [i, { from, to }] of adds.entries()) {
      take(file, tail, from, to, () => this.#isByteless(lcuNo, epoch, from, to));
      if (i === 0) writes.recent.run(key, tail.epochNo, from, to);
      else writes.range.run(tail.epochNo, from, to, key);
    }
    for (const share of shares) this.#addShared(file, writes, lcuNo, key, share, tail);
    for (const gap of gaps) this.#addGap(file, writes, lcuNo, key, gap, tail);
    for (const { epoch: of, n, head } of told) writes.told.run(this.#tailOf(file, writes, lcuNo, of, tail).epochNo, n, head);
    if (known) {
      known.highest = Math.max(known.highest, key);
      known.tail = tail;
    } else this.#tails.set(lcuNo, { highest: key, tail });
    return key;
  }

  /** A gap may be of another epoch than the answer's. */
  #addGap(file: LedgerFile, writes: LedgerWrites, lcuNo: number, key: number, gap: GapRecord, answerTail: EpochTail): void {
    const [epoch, from, to, prev, head, reason] = gap;
    const tail = this.#tailOf(file, writes, lcuNo, epoch, answerTail);
    take(file, tail, from, to);
    writes.gap.run(tail.epochNo, from, to, prev, head, reason, key);
    writes.told.run(tail.epochNo, from - 1, prev);
    writes.told.run(tail.epochNo, to, head);
  }

  #addShared(file: LedgerFile, writes: LedgerWrites, lcuNo: number, key: number, shared: SharedRange, answer: EpochTail): void {
    const { id, source, from, to, prev, head } = shared;
    const tail = this.#tailOf(file, writes, lcuNo, id, answer);
    take(file, tail, from, to);
    writes.shared.run(tail.epochNo, from, to, prev, head, key, branchOf(source));
  }

  #tailOf(file: LedgerFile, writes: LedgerWrites, lcuNo: number, epoch: Uint8Array, answerTail: EpochTail): EpochTail {
    return sameBytes(epoch, answerTail.epoch) ? answerTail : this.#epochTail(file, writes, lcuNo, epoch);
  }

  #isByteless(lcuNo: number, epoch: Uint8Array, from: number, to: number): boolean {
    const { byteless } = detailIn(this.#folder.newestFirst(), lcuNo, epoch, from, to);
    return byteless.length === 1 && byteless[0]?.from === from && byteless[0].to === to;
  }

  /** The next ordinal of the slot. Only a slot of before, or one that the clock went back to, is looked up in the files. */
  #nextKey(lcuNo: number, slot: number, highest: number | undefined): number {
    const first = ledgerKey({ slot, lcuNo, ordinal: 0 });
    const end = first + ORDINAL_LIMIT - 1;
    const told = slot > this.#usedUpTo && (highest === undefined || highest <= end);
    const last = told ? highest : this.#lastKey(first, end);
    if (last === end) throw new FarolaError('ledger-slot-full', { lcu: lcuNo, limit: ORDINAL_LIMIT });
    return last === undefined || last < first ? first : last + 1;
  }

  #lastSlot(): number {
    const last = [...this.#folder.newestFirst()].map(({ path, reads }) => onStore(path, () => reads.keySpan.get())?.[1] ?? null);
    return Math.max(-1, ...last.map((key) => (key === null ? -1 : ledgerKeyParts(key).slot)));
  }

  #lastKey(lowest: number, highest: number): number | undefined {
    for (const { path, reads } of this.#folder.newestFirst()) {
      const key = onStore(path, () => reads.lastKey.get(lowest, highest));
      if (typeof key === 'number') return key;
    }
    return undefined;
  }

  /** Finds the chain in the file; when it is new there, brings along what older files hold of it. */
  #epochTail(file: LedgerFile, writes: LedgerWrites, lcuNo: number, id: Uint8Array): EpochTail {
    const { reads } = file;
    const known = reads.epochNo.get(lcuNo, id);
    const epochNo = known ?? this.#beginEpoch(file, writes, lcuNo, id);
    const lastOf = known === undefined ? reads.lastCarried : reads.lastUpTo;
    return { epoch: new Uint8Array(id), epochNo, last: lastOf.get({ epochNo, n: Number.MAX_SAFE_INTEGER }) ?? 0 };
  }

  /** A file that names an epoch names its branches, and no branch without the chain that it parted from. */
  #beginEpoch(file: LedgerFile, writes: LedgerWrites, lcuNo: number, id: Uint8Array): number {
    const epoch = epochOf(id);
    const [, ...older] = this.#folder.newestFirst();
    const before = branchIds(epoch, branchesIn(older, lcuNo, epoch));
    for (const one of before) this.#carry(file, writes, lcuNo, one, older);
    return file.reads.epochNo.get(lcuNo, id) ?? Number(writes.epoch.run(lcuNo, id).lastInsertRowid);
  }

  #carry({ reads }: LedgerFile, writes: LedgerWrites, lcuNo: number, id: Uint8Array, older: readonly LedgerFile[]): void {
    if (reads.epochNo.get(lcuNo, id) !== undefined) return;
    const epochNo = Number(writes.epoch.run(lcuNo, id).lastInsertRowid);
    for (const { from, to, prev, head } of holdingIn(older, lcuNo, id).runs) {
      writes.carried.run(epochNo, from, to, prev, head);
      writes.told.run(epochNo, from - 1, prev);
      writes.told.run(epochNo, to, head);
    }
  }
}

function hasRecent({ path, db }: LedgerFile): boolean {
  return onStore(path, () => db.prepare('SELECT 1 FROM recent LIMIT 1').get()) !== undefined;
}

/** Makes sure that nobody owns from..to, and takes it. @param isFree of entries that something covers */
function take({ reads }: LedgerFile, tail: EpochTail, from: number, to: number, isFree = (): boolean => false): void {
  const isCovered = from <= tail.last && (reads.lastUpTo.get({ epochNo: tail.epochNo, n: to }) ?? 0) >= from;
  if (isCovered && !isFree()) {
    throw new RangeError(`entries ${from} to ${to} overlap what is stored`);
  }
  tail.last = Math.max(tail.last, to);
}
