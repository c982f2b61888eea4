import { encodeCbor, LIMITS } from '@farola/shared';
import { branchId, epochOf } from '../branch-id.js';
import { EpochHolding } from './epoch-holding.js';
import { ledgerKeyParts } from './ledger-key.js';
import type { LedgerRow } from './ledger.js';
import type {
  JudgementBytes,
  LedgerMonth,
  LedgerMonths,
  NamedRow,
  OwnedSpan,
  StoredEpoch,
  StoredGap,
  StoredHead,
  StoredPiece,
} from './ledger-month.js';
import { holdingIn, ownHeadIn } from './sqlite-holding.js';
import type { LedgerFile } from './sqlite-ledger-file.js';
import { LedgerFolder } from './sqlite-ledger-folder.js';
import {
  type GapColumns,
  type JudgementRow,
  type MonthReads,
  type PieceColumns,
  prepareMonthReads,
  type RowColumns,
} from './sqlite-ledger-month-reads.js';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { onStore } from '../store/store-failure.js';
import { versionOf } from '../store/store-schema.js';

/**
 * Opens the files of a ledger to hold them against themselves, also while another process writes. Codes:
 * `not-initialised`, `permission-denied`, `disk-failure`.
 */
export async function openSqliteLedgerMonths(folder: string, onCopy?: ReadingOptions['onCopy']): Promise<LedgerMonths> {
  const { default: Database } = await import('better-sqlite3');
  return new SqliteLedgerMonths(new LedgerFolder(Database, folder, { writable: false, onCopy }));
}

class SqliteLedgerMonths implements LedgerMonths {
  readonly #folder: LedgerFolder;

  constructor(folder: LedgerFolder) {
    this.#folder = folder;
  }

  list(): readonly string[] {
    this.#folder.refresh();
    return this.#folder.months;
  }

  open(month: string): LedgerMonth {
    return new SqliteLedgerMonth(this.#folder.file(month));
  }

  heldBefore(month: string, lcuNo: number, id: Uint8Array): EpochHolding {
    const older = this.#folder.months.filter((one) => one < month).reverse();
    return holdingIn(
      older.map((one) => this.#folder.file(one)),
      lcuNo,
      id,
    );
  }

  headAt(lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined {
    return ownHeadIn(this.#folder.newestFirst(), lcuNo, id, n);
  }

  close(): void {
    this.#folder.close();
  }
}

class SqliteLedgerMonth implements LedgerMonth {
  readonly month: string;
  readonly path: string;
  readonly #file: LedgerFile;
  readonly #reads: MonthReads;
  #gaps: Map<number, StoredGap[]> | undefined;

  constructor(file: LedgerFile) {
    this.month = file.month;
    this.path = file.path;
    this.#file = file;
    this.#reads = this.#on(() => prepareMonthReads(file.db, versionOf(file.db)));
  }

  keySpan(): { first: number; last: number } | undefined {
    const [first, last] = this.#on(() => this.#file.reads.keySpan.get()) ?? [null, null];
    return first === null || last === null ? undefined : { first, last };
  }

  rows(after: number, upTo: number, limit: number): readonly LedgerRow[] {
    return this.#on(() => this.#reads.rows.all(after, upTo, limit).map(toRow));
  }

  row(key: number): LedgerRow | undefined {
    const row = this.#on(() => this.#reads.row.get(key));
    return row && toRow(row);
  }

  named(after: number, upTo: number, limit: number): readonly NamedRow[] {
    return this.#on(() =>
      this.#reads.named
        .all({ after, upTo, limit })
        .map(({ key, epoch, from_n, to_n }) => ({ key, epoch: epoch ?? undefined, from: from_n, to: to_n })),
    );
  }

  owned({ key, epoch, lcuNo, first }: LedgerRow): readonly OwnedSpan[] {
    return this.#on(() => {
      const epochNo = this.#file.reads.epochNo.get(lcuNo, epoch);
      if (epochNo === undefined) return [];
      const last = first + LIMITS.answerEntries - 1;
      return this.#reads.owned.all({ epochNo, first, last, key }).map(spanOf);
    });
  }

  gaps(key: number): readonly StoredGap[] {
    this.#gaps ??= this.#on(() => byKey(this.#reads.gaps.all().map(toGap)));
    return this.#gaps.get(key) ?? [];
  }

  epochs(after: number, limit: number): readonly StoredEpoch[] {
    return this.#on(() =>
      this.#reads.epochs.all(after, limit).map(({ epoch_no, lcu_no, epoch }) => ({ epochNo: epoch_no, lcuNo: lcu_no, epoch })),
    );
  }

  chains(lcuNo: number, id: Uint8Array): readonly StoredEpoch[] {
    const epoch = epochOf(id);
    return this.#on(() => {
      const found: StoredEpoch[] = [];
      for (let branch = 0; ; branch++) {
        const chain = branchId(epoch, branch);
        const epochNo = this.#file.reads.epochNo.get(lcuNo, chain);
        if (epochNo === undefined) return found;
        found.push({ epochNo, lcuNo, epoch: chain });
      }
    });
  }

  pieces(epochNo: number): readonly StoredPiece[] {
    return this.#on(() => this.#reads.pieces.all({ epochNo }).map(toPiece));
  }

  told(epochNo: number): readonly StoredHead[] | undefined {
    return this.#on(() => this.#reads.told?.all(epochNo));
  }

  carried(epochNo: number): EpochHolding {
    const runs = this.#on(() => this.#reads.carried.all(epochNo));
    return runs.reduce(
      (holding, { from_n, to_n, prev, head }) => holding.with({ from: from_n, to: to_n, prev, head }),
      EpochHolding.EMPTY,
    );
  }

  strayPieces(): number {
    return this.#on(() => this.#reads.stray.get()) ?? 0;
  }

  unlikeIndexes(): readonly string[] {
    return this.#on(() =>
      this.#reads.indexes
        .all()
        .filter(({ name, tbl_name }) => {
          const rows = (how: string): unknown => this.#file.db.prepare(`SELECT count(*) FROM ${tbl_name} ${how}`).pluck().get();
          return rows(`INDEXED BY ${name}`) !== rows('NOT INDEXED');
        })
        .map(({ name }) => name),
    );
  }

  judgements(after: number, limit: number): readonly JudgementBytes[] {
    return this.#on(() => this.#reads.judgements.all(after, limit).map(toJudgement));
  }

  #on<Value>(work: () => Value): Value {
    return onStore(this.path, work);
  }
}

/** A row whose epoch is not named is of an epoch without a name, which no answer is of. */
function toRow(row: RowColumns): LedgerRow {
  const { key, received_at_ms, first_n, base, poll, answer, entries, epoch } = row;
  const { lcuNo } = ledgerKeyParts(key);
  const named = epoch ?? new Uint8Array(0);
  return { key, lcuNo, receivedAtMs: received_at_ms, poll, answer, epoch: named, first: first_n, base, entries };
}

function toGap({ lcu_no, epoch, from_n, to_n, prev, head, reason, key }: GapColumns): StoredGap {
  return { lcuNo: lcu_no, epoch, from: from_n, to: to_n, prev, head, reason, key };
}

function byKey(gaps: readonly StoredGap[]): Map<number, StoredGap[]> {
  const found = new Map<number, StoredGap[]>();
  for (const gap of gaps) found.set(gap.key, [...(found.get(gap.key) ?? []), gap]);
  return found;
}

function toPiece({ from_n, to_n, key, what, has_row, source, prev, head }: PieceColumns): StoredPiece {
  return { of: what, from: from_n, to: to_n, key, source, prev, head, hasRow: has_row === 1 };
}

function spanOf({ from_n, to_n }: { readonly from_n: number; readonly to_n: number }): OwnedSpan {
  return { from: from_n, to: to_n };
}

function toJudgement(row: JudgementRow): JudgementBytes {
  const { judgement_no, lcu_no, judged_at_ms, code, facts, key, poll, answer, entries } = row;
  return {
    no: judgement_no,
    lcuNo: lcu_no,
    key,
    bytes: encodeCbor([judgement_no, lcu_no, judged_at_ms, code, facts, key, poll, answer, entries]),
  };
}
