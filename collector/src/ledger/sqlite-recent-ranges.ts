import { onStore } from '../store/store-failure.js';
import type { LedgerFile } from './sqlite-ledger-file.js';

/** Rows of `recent` that are worth moving: some of each epoch that is written, and few enough to be looked through. */
export const ENOUGH_ROWS = 8192;
/** Epochs whose ranges go at a time: each costs a page of `ranges`, and polls wait meanwhile. */
const SLICE_EPOCHS = 512;

/** The last of the next epochs of which there are rows. */
const SLICE_END = `SELECT max(epoch_no) FROM
  (SELECT DISTINCT epoch_no FROM recent WHERE epoch_no > ? ORDER BY epoch_no LIMIT ${SLICE_EPOCHS})`;
/** Where there already is another range with that begin, which only damage explains, a range stays where it is. */
const MOVE = `INSERT OR IGNORE INTO ranges SELECT epoch_no, from_n, to_n, key FROM recent
  WHERE epoch_no > :after AND epoch_no <= :upTo ORDER BY epoch_no, from_n`;
const COUNT = 'SELECT count(*) FROM recent WHERE epoch_no > :after AND epoch_no <= :upTo';
const FORGET = 'DELETE FROM recent WHERE epoch_no > :after AND epoch_no <= :upTo';
const FORGET_MOVED = `${FORGET} AND EXISTS (SELECT 1 FROM ranges
  WHERE ranges.epoch_no = recent.epoch_no AND ranges.from_n = recent.from_n AND ranges.key = recent.key)`;

/** Moves the ranges of a file from `recent`, where they are written, to `ranges`, where they are looked up fast. */
export class RecentRanges {
  readonly #file: LedgerFile;
  readonly #enough: number;
  /** Moves those of the next epochs, and gives the last of these; undefined when there are no more. */
  readonly #moveSlice: (after: number) => number | undefined;
  #rows: number;
  /** Up to which epoch they were moved; undefined while there are not enough. */
  #movedTo: number | undefined;

  /**
   * Codes: `disk-failure`, `ledger-corrupt`.
   * @param file open for writing
   * @param enough rows that are worth moving
   */
  constructor(file: LedgerFile, enough: number) {
    this.#file = file;
    this.#enough = enough;
    this.#moveSlice = onStore(file.path, () => mover(file));
    this.#rows = onStore(file.path, () => file.db.prepare<[], number>('SELECT count(*) FROM recent').pluck().get()) ?? 0;
  }

  /** Takes in that so many rows are committed. */
  add(rows: number): void {
    this.#rows += rows;
  }

  /**
   * Moves those of some epochs, when there are enough in all, and goes on with others at the next call, or with the same after
   * a failure. Codes: `disk-failure`, `ledger-corrupt`.
   */
  settle(): void {
    if (this.#movedTo === undefined) {
      if (this.#rows < this.#enough) return;
      this.#rows = 0;
      this.#movedTo = 0;
    }
    const after = this.#movedTo;
    this.#movedTo = onStore(this.#file.path, () => this.#moveSlice(after));
  }

  /** Moves all of them, however few. Codes as `settle`. */
  settleAll(): void {
    this.#rows = 0;
    this.#movedTo = undefined;
    let after: number | undefined = 0;
    while (after !== undefined) {
      const from: number = after;
      after = onStore(this.#file.path, () => this.#moveSlice(from));
    }
  }
}

/** Epochs above `after`, up to `upTo`. */
interface Slice {
  readonly after: number;
  readonly upTo: number;
}

function mover({ db }: LedgerFile): (after: number) => number | undefined {
  const sliceEnd = db.prepare<[number], number | null>(SLICE_END).pluck();
  const count = db.prepare<[Slice], number>(COUNT).pluck();
  const move = db.prepare<[Slice]>(MOVE);
  const forget = db.prepare<[Slice]>(FORGET);
  const forgetMoved = db.prepare<[Slice]>(FORGET_MOVED);
  const moveSlice = db.transaction((after: number) => {
    const upTo = sliceEnd.get(after) ?? undefined;
    if (upTo === undefined) return undefined;
    const slice = { after, upTo };
    const isAllMoved = move.run(slice).changes === count.get(slice);
    (isAllMoved ? forget : forgetMoved).run(slice);
    return upTo;
  });
  return (after) => moveSlice.immediate(after);
}
