import { fromHex, toHex } from '@farola/shared';
import { auditEpoch } from './audit-tables.js';
import { auditRow } from './audit-row.js';
import type { Finding } from './finding.js';
import type { LedgerMonth, LedgerMonths } from '../ledger/ledger-month.js';
import { judgementDigest, type MonthSeal, NO_SEAL, RowDigest } from './month-seal.js';
import type { ProofCursor, ProofTask } from './proof-book.js';
import type { RowProver } from './prove-row.js';
import { isUnreadable, walkRows } from './walk-rows.js';

/** In how many parts a whole ledger is proven again: one a night. */
export const PARTS = 30;

/** Rows of one slice: some tenths of a second. */
const SLICE_ROWS = 2048;
/** A seal takes a hash a row. */
const SEAL_SLICE_ROWS = 16_384;
const SLICE_EPOCHS = 64;

/** What a slice of a task came to. */
export interface SliceOutcome {
  /** Where the next slice goes on; null when the task is done. */
  readonly cursor: ProofCursor | null;
  readonly rows: number;
  readonly findings: readonly Finding[];
  /** Without the seal before it, which whoever keeps them adds. */
  readonly seal?: Omit<MonthSeal, 'previous'>;
}

/** Does a slice of a task. What cannot be read is a finding. */
export function proveSlice(task: ProofTask, cursor: ProofCursor | null, months: LedgerMonths, prover: RowProver): SliceOutcome {
  try {
    const month = months.open(task.month);
    if (task.do === 'tables') return tablesSlice(task.part, month, months, prover, cursor?.after ?? 0);
    if (task.do === 'seal') return sealSlice(month, cursor);
    return rowsSlice(month, prover, cursor?.after ?? task.after, task.upTo);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const finding: Finding = { kind: 'damaged', month: task.month, what: String(error.facts['reason']) };
    return { cursor: null, rows: 0, findings: [finding] };
  }
}

function rowsSlice(month: LedgerMonth, prover: RowProver, after: number, upTo: number): SliceOutcome {
  const findings: Finding[] = [];
  let rows = 0;
  for (const page of walkRows(month, after, upTo)) {
    if (!page.rows) {
      const what = `rows of keys ${page.after + 1} to ${page.upTo} cannot be read: ${page.reason}`;
      findings.push({ kind: 'damaged', month: month.month, what });
      continue;
    }
    for (const row of page.rows) findings.push(...auditRow(row, month, prover).findings);
    rows += page.rows.length;
    if (rows >= SLICE_ROWS) return { cursor: { after: page.upTo }, rows, findings };
  }
  return { cursor: null, rows, findings };
}

/** Epochs are shared out to nights by their numbers, which rise. */
function tablesSlice(part: number, month: LedgerMonth, months: LedgerMonths, prover: RowProver, after: number): SliceOutcome {
  const epochs = month.epochs(after, SLICE_EPOCHS * PARTS);
  const own = epochs.filter(({ epochNo }) => epochNo % PARTS === part);
  const findings = own.flatMap((epoch) => auditEpoch(epoch, month, months, prover).findings);
  const last = epochs.at(-1);
  const isWhole = !last || epochs.length < SLICE_EPOCHS * PARTS;
  return { cursor: isWhole ? null : { after: last.epochNo }, rows: 0, findings };
}

function sealSlice(month: LedgerMonth, cursor: ProofCursor | null): SliceOutcome {
  const span = month.keySpan() ?? { first: 0, last: 0 };
  const digest = new RowDigest({
    rows: cursor?.rows ?? 0,
    digest: cursor?.digest === undefined ? NO_SEAL : fromHex(cursor.digest),
  });
  const begun = digest.rows;
  for (const page of walkRows(month, cursor?.after ?? span.first - 1, span.last)) {
    // A month that cannot be read is not sealed: its damage is told where its rows are proven.
    if (!page.rows) return { cursor: null, rows: 0, findings: [] };
    for (const row of page.rows) digest.add(row);
    if (digest.rows - begun < SEAL_SLICE_ROWS) continue;
    return { cursor: { after: page.upTo, rows: digest.rows, digest: toHex(digest.digest) }, rows: 0, findings: [] };
  }
  const judged = judgementDigest(month);
  const rows = { rows: digest.rows, firstKey: span.first, lastKey: span.last, digest: digest.digest };
  const seal = { month: month.month, ...rows, judgements: judged.count, judgementDigest: judged.digest };
  return { cursor: null, rows: 0, findings: [], seal };
}
