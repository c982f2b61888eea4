import type { EpochHolding } from './epoch-holding.js';
import type { HeldDetail, Judgement, Ledger, LedgerReader, NewAnswer } from './ledger.js';
import { branchesIn, detailIn, epochsIn, headIn, holdingIn } from './sqlite-holding.js';
import { LedgerAppender } from './sqlite-ledger-appender.js';
import { LedgerFolder } from './sqlite-ledger-folder.js';
import { SqliteLedgerReader } from './sqlite-ledger-reader.js';
import { ensureWritableFolder } from '../store/store-access.js';
import { takeWriterLock, type WriterLock } from './sqlite-writer-lock.js';

/** Where the ledger is. */
export interface SqliteLedgerOptions {
  /** Folder of the files `2026-11.db` and so on, one for each month of receipt in UTC; made when it is not there. */
  readonly folder: string;
  /** Most pages of a file, where a test fills the disk. */
  readonly maxPages?: number;
  /** Ranges that `settle` puts in order at once, where a test wants other than the usual number. */
  readonly recentRows?: number;
}

/**
 * Opens the ledger for writing. One process at a time: `already-running`. Also `permission-denied`, `disk-failure`,
 * `ledger-corrupt`, `store-newer`.
 */
export async function openSqliteLedger({ folder, maxPages, recentRows }: SqliteLedgerOptions): Promise<Ledger & LedgerReader> {
  const { default: Database } = await import('better-sqlite3');
  ensureWritableFolder(folder);
  const lock = takeWriterLock(Database, folder);
  try {
    const files = new LedgerFolder(Database, folder, { writable: true, maxPages });
    return new SqliteLedger(files, lock, recentRows);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class SqliteLedger extends SqliteLedgerReader implements Ledger {
  readonly #lock: WriterLock;
  readonly #appender: LedgerAppender;

  constructor(folder: LedgerFolder, lock: WriterLock, recentRows: number | undefined) {
    super(folder);
    this.#lock = lock;
    this.#appender = new LedgerAppender(folder, recentRows);
  }

  append(answers: readonly NewAnswer[]): readonly number[] {
    return this.#appender.append(answers);
  }

  settle(): void {
    this.#appender.settle();
  }

  judge(judgement: Judgement): void {
    this.#appender.judge(judgement);
  }

  branches(lcuNo: number, epoch: Uint8Array): number {
    return branchesIn(this.folder.newestFirst(), lcuNo, epoch);
  }

  holding(lcuNo: number, id: Uint8Array): EpochHolding {
    return holdingIn(this.folder.newestFirst(), lcuNo, id);
  }

  epochsOf(lcuNo: number): readonly Uint8Array[] {
    return epochsIn(this.folder.newestFirst(), lcuNo);
  }

  headAt(lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined {
    return headIn(this.folder.newestFirst(), lcuNo, id, n);
  }

  detail(lcuNo: number, id: Uint8Array, from: number, to: number): HeldDetail {
    return detailIn(this.folder.newestFirst(), lcuNo, id, from, to);
  }

  override close(): void {
    try {
      this.#appender.settleAll();
    } catch {
      // Ranges are found where they are as well; the next process moves them.
    }
    super.close();
    this.#lock.release();
  }
}
