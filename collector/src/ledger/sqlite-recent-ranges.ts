import { onStore } from '../store/store-failure.js';
import type { LedgerFile } from './sqlite-ledger-file.js';

/** Rows of `recent` that are worth moving: some of each epoch that is written, and few enough to be looked through. */
export const ENOUGH_ROWS = 8192;

/** Where there already is another range with that begin, which only damage explains, a range stays where it is. */
const MOVE = 'INSERT OR IGNORE INTO ranges SELECT epoch_no, from_n, to_n, key FROM recent ORDER BY epoch_no, from_n';
const FORGET_MOVED = `DELETE FROM recent WHERE EXISTS (SELECT 1 FROM ranges
  WHERE ranges.epoch_no = recent.epoch_no AND ranges.from_n = recent.from_n AND ranges.key = recent.key)`;

/** Moves the ranges of a file from `recent`, where they are written, to `ranges`, where they are looked up fast. */
export class RecentRanges {
  readonly #file: LedgerFile;
  readonly #enough: number;
  readonly #move: () => void;
  #rows: number;

  /**
   * Codes: `disk-failure`, `ledger-corrupt`.
   * @param file open for writing
   * @param enough rows that are worth moving
   */
  constructor(file: LedgerFile, enough: number) {
    const { db, path } = file;
    this.#file = file;
    this.#enough = enough;
    const [count, move, forgetMoved, forgetAll] = onStore(
      path,
      () =>
        [
          db.prepare<[], number>('SELECT count(*) FROM recent').pluck(),
          db.prepare<[]>(MOVE),
          db.prepare<[]>(FORGET_MOVED),
          db.prepare<[]>('DELETE FROM recent'),
        ] as const,
    );
    this.#rows = onStore(path, () => count.get()) ?? 0;
    const moveAll = db.transaction(() => {
      const rows = count.get();
      if (move.run().changes === rows) forgetAll.run();
      else forgetMoved.run();
    });
    this.#move = () => moveAll.immediate();
  }

  /** Takes in that so many rows are committed. */
  add(rows: number): void {
    this.#rows += rows;
  }

  /** Moves them when there are enough. After a failure, that is when as many more have come. Codes: `disk-failure`, `ledger-corrupt`. */
  settle(): void {
    if (this.#rows >= this.#enough) this.settleAll();
  }

  /** Moves them, however few. Codes as `settle`. */
  settleAll(): void {
    if (this.#rows === 0) return;
    this.#rows = 0;
    onStore(this.#file.path, this.#move);
  }
}
