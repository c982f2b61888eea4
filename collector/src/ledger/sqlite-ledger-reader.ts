import type { Facts } from '@farola/shared';
import { isFirstBranch } from '../branch-id.js';
import { ledgerKey, ledgerKeyParts, ORDINAL_LIMIT, slotOf } from './ledger-key.js';
import type { Judgement, LedgerReader, LedgerRow, OwnedRange, SharedSpan, SignedAnswer } from './ledger.js';
import { sharedIn } from './sqlite-holding.js';
import type { LedgerFile } from './sqlite-ledger-file.js';
import { LedgerFolder } from './sqlite-ledger-folder.js';
import type { AnswerColumns, JudgementColumns } from './sqlite-ledger-reads.js';
import { corruptRow } from './sqlite-row-heads.js';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { onStore } from '../store/store-failure.js';

/** Rows that are read at a time, so that no statement stays open between them. */
const PAGE_ROWS = 256;
/** Keys that are read at a time. */
const PAGE_KEYS = 4096;

/**
 * Opens the ledger for reading, also while another process writes. Codes: `not-initialised`; while reading,
 * `disk-failure`, `ledger-corrupt`, `store-newer`.
 */
export async function openSqliteLedgerReader(folder: string, onCopy?: ReadingOptions['onCopy']): Promise<LedgerReader> {
  const { default: Database } = await import('better-sqlite3');
  return new SqliteLedgerReader(new LedgerFolder(Database, folder, { writable: false, onCopy }));
}

/** Reads the ledger while another process writes it. */
export class SqliteLedgerReader implements LedgerReader {
  protected readonly folder: LedgerFolder;

  constructor(folder: LedgerFolder) {
    this.folder = folder;
  }

  *rows(lcuNo: number, fromMs: number, toMs: number): Generator<LedgerRow> {
    const files = this.#files().map((file) => ({ file, ...slotSpan(file) }));
    const first = Math.max(slotOf(fromMs), Math.min(...files.map((span) => span.first)));
    const last = Math.min(slotOf(toMs), Math.max(...files.map((span) => span.last)));
    for (let slot = first; slot <= last; slot++) {
      const lowest = ledgerKey({ slot, lcuNo, ordinal: 0 });
      const rows = files
        .filter((span) => span.first <= slot && slot <= span.last)
        .flatMap(({ file }) => onStore(file.path, () => rowsBetween(file, lowest, lowest + ORDINAL_LIMIT - 1)));
      for (const row of rows.sort((a, b) => a.key - b.key)) {
        if (row.receivedAtMs >= fromMs && row.receivedAtMs <= toMs) yield row;
      }
    }
  }

  *rowsFrom(key: number): Generator<LedgerRow> {
    for (const file of this.#files()) {
      let page: LedgerRow[];
      let next = key;
      do {
        const from = next;
        page = onStore(file.path, () => file.reads.rowsFrom.all(from, PAGE_ROWS).map((row) => toRow(file, row)));
        yield* page;
        next = (page.at(-1)?.key ?? next) + 1;
      } while (page.length === PAGE_ROWS);
    }
  }

  newestAnswer(lcuNo: number, aboutMs: number): SignedAnswer | undefined {
    for (const slot of [slotOf(aboutMs), slotOf(aboutMs) - 1]) {
      const lowest = ledgerKey({ slot, lcuNo, ordinal: 0 });
      for (const { path, reads } of this.folder.newestFirst()) {
        const row = onStore(path, () => reads.newestAnswer.get(lowest, lowest + ORDINAL_LIMIT - 1));
        if (row) return { receivedAtMs: row.received_at_ms, answer: row.answer };
      }
    }
    return undefined;
  }

  *keysFrom(key: number): Generator<number> {
    for (const file of this.#files()) {
      let page: number[];
      let next = key;
      do {
        const from = next;
        page = onStore(file.path, () => file.reads.keysFrom.all(from, PAGE_KEYS));
        yield* page;
        next = (page.at(-1) ?? next) + 1;
      } while (page.length === PAGE_KEYS);
    }
  }

  row(key: number): LedgerRow | undefined {
    for (const file of this.#files()) {
      const row = onStore(file.path, () => file.reads.row.get(key));
      if (row) return toRow(file, row);
    }
    return undefined;
  }

  keySpan(): { first: number; last: number } {
    const spans = this.#files().map(({ path, reads }) => onStore(path, () => reads.keySpan.get()) ?? [null, null]);
    const keys = spans.flat().filter((key) => key !== null);
    return { first: keys.reduce((a, b) => Math.min(a, b), keys[0] ?? 0), last: keys.reduce((a, b) => Math.max(a, b), 0) };
  }

  rowOf(lcuNo: number, id: Uint8Array, n: number): LedgerRow | undefined {
    for (const file of this.#files()) {
      const row = onStore(file.path, () => owner(file, lcuNo, id, n));
      if (row) return row;
    }
    const shared = this.sharedOf(lcuNo, id).find(({ from, to }) => from <= n && n <= to);
    return shared && this.rowOf(lcuNo, shared.source, n);
  }

  sharedOf(lcuNo: number, id: Uint8Array): readonly SharedSpan[] {
    return isFirstBranch(id) ? [] : sharedIn(this.#files(), lcuNo, id);
  }

  ownedBy(key: number): readonly OwnedRange[] {
    // Most are asked of a row that was just read, whose file is known.
    return this.#ownedIn(this.folder.newestFirst(), key) ?? this.#ownedIn(this.#files(), key) ?? [];
  }

  *oneOfEach(): Generator<LedgerRow> {
    const seen = new Set<number>();
    for (const file of this.#files().toReversed()) {
      const rows = onStore(file.path, () => file.reads.oneOfEach.all().map((row) => toRow(file, row)));
      for (const row of rows) {
        if (seen.has(row.lcuNo)) continue;
        seen.add(row.lcuNo);
        yield row;
      }
    }
  }

  judgements(lcuNo: number): readonly Judgement[] {
    return this.#files().flatMap((file) => onStore(file.path, () => file.reads.judgements.all(lcuNo).map(toJudgement)));
  }

  close(): void {
    this.folder.close();
  }

  #ownedIn(files: Iterable<LedgerFile>, key: number): readonly OwnedRange[] | undefined {
    for (const file of files) {
      const owned = onStore(file.path, () => ownedInFile(file, key));
      if (owned) return owned;
    }
    return undefined;
  }

  /** Every file, oldest first, those included that were made since. */
  #files(): LedgerFile[] {
    this.folder.refresh();
    return [...this.folder.oldestFirst()];
  }
}

function slotSpan({ path, reads }: LedgerFile): { first: number; last: number } {
  const [lowest, highest] = onStore(path, () => reads.keySpan.get()) ?? [null, null];
  if (lowest === null || highest === null) return { first: Infinity, last: -Infinity };
  return { first: ledgerKeyParts(lowest).slot, last: ledgerKeyParts(highest).slot };
}

function rowsBetween(file: LedgerFile, lowest: number, highest: number): LedgerRow[] {
  return file.reads.rowsBetween.all(lowest, highest).map((row) => toRow(file, row));
}

function owner(file: LedgerFile, lcuNo: number, epoch: Uint8Array, n: number): LedgerRow | undefined {
  const epochNo = file.reads.epochNo.get(lcuNo, epoch);
  if (epochNo === undefined) return undefined;
  const range = file.reads.rangeUpTo.get({ epochNo, n });
  const row = range && range.to_n >= n ? file.reads.row.get(range.key) : undefined;
  return row && toRow(file, row);
}

/** Undefined when the file does not have the row. */
function ownedInFile(file: LedgerFile, key: number): OwnedRange[] | undefined {
  const found = file.reads.ownedOfRow.all({ key });
  if (found.length === 0) return undefined;
  const owned: OwnedRange[] = [];
  for (const { epoch_no, from_n, to_n } of found) {
    if (from_n !== null && to_n !== null) owned.push({ epoch: epochIn(file, epoch_no, key), from: from_n, to: to_n });
  }
  return owned;
}

function toRow(file: LedgerFile, row: AnswerColumns): LedgerRow {
  const { key, received_at_ms, epoch_no, first_n, base, poll, answer, entries } = row;
  const { lcuNo } = ledgerKeyParts(key);
  const epoch = epochIn(file, epoch_no, key);
  return { key, lcuNo, receivedAtMs: received_at_ms, poll, answer, epoch, first: first_n, base, entries };
}

function epochIn(file: LedgerFile, epochNo: number, key: number): Uint8Array {
  const epoch = file.epochs.get(epochNo);
  if (!epoch) throw corruptRow(file.path, key, 'its epoch is not there');
  return epoch;
}

function toJudgement(row: JudgementColumns): Judgement {
  const { poll, answer, entries } = row;
  return {
    lcuNo: row.lcu_no,
    judgedAtMs: row.judged_at_ms,
    code: row.code as Judgement['code'],
    facts: JSON.parse(row.facts) as Facts,
    key: row.key,
    kept: poll && answer && entries ? { poll, answer, entries } : null,
  };
}
