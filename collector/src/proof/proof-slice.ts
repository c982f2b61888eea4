import { fromHex, toHex } from '@farola/shared';
import { tryAuditEpoch } from './audit-tables.js';
import { auditRow, findingOf } from './audit-row.js';
import type { Finding } from './finding.js';
import type { LedgerMonth, LedgerMonths } from '../ledger/ledger-month.js';
import { judgementDigest, type MonthSeal, NO_SEAL, RowDigest } from './month-seal.js';
import type { ProofCursor, ProofTask } from './proof-book.js';
import type { RowProver } from './prove-row.js';
import { unreadFindings } from './unread-findings.js';
import { isUnreadable, PAGE_ROWS, type WalkedPage, walkRows } from './walk-rows.js';

/** In how many parts a whole ledger is proven again: one a night. */
export const PARTS = 30;

/** Rows of one slice: some tenths of a second. */
const SLICE_ROWS = 2048;
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

/** Does a slice of a task. What cannot be read is a finding. @param sliceRows after which it ends */
export function proveSlice(
  task: ProofTask,
  cursor: ProofCursor | null,
  months: LedgerMonths,
  prover: RowProver,
  sliceRows = SLICE_ROWS,
): SliceOutcome {
  try {
    const month = months.open(task.month);
    if (task.do === 'tables') return tablesSlice(task.part, month, months, prover, cursor?.after ?? 0);
    if (task.do === 'seal') return sealSlice(month, prover, cursor, sliceRows);
    return rowsSlice(month, prover, { after: cursor?.after ?? task.after, upTo: task.upTo, sliceRows });
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const finding: Finding = { kind: 'damaged', month: task.month, what: String(error.facts['reason']) };
    return { cursor: null, rows: 0, findings: [finding] };
  }
}

interface SliceSpan {
  readonly after: number;
  readonly upTo: number;
  readonly sliceRows: number;
}

function rowsSlice(month: LedgerMonth, prover: RowProver, { after, upTo, sliceRows }: SliceSpan): SliceOutcome {
  const findings: Finding[] = [];
  let rows = 0;
  for (const page of walkRows(month, after, upTo, Math.min(PAGE_ROWS, sliceRows))) {
    if (!page.rows) {
      findings.push(...unreadFindings(page, month.month, prover));
      continue;
    }
    for (const row of page.rows) findings.push(...auditRow(row, month, prover).findings);
    rows += page.rows.length;
    if (rows >= sliceRows) return { cursor: { after: page.upTo }, rows, findings };
  }
  return { cursor: null, rows, findings };
}

/** Epochs are shared out to nights by their numbers, which rise. */
function tablesSlice(part: number, month: LedgerMonth, months: LedgerMonths, prover: RowProver, after: number): SliceOutcome {
  const epochs = month.epochs(after, SLICE_EPOCHS * PARTS);
  const own = epochs.filter(({ epochNo }) => epochNo % PARTS === part);
  const findings = own.flatMap((epoch) => {
    const audited = tryAuditEpoch(epoch, month, months, prover);
    return 'findings' in audited ? audited.findings : [audited];
  });
  const last = epochs.at(-1);
  const isWhole = !last || epochs.length < SLICE_EPOCHS * PARTS;
  return { cursor: isWhole ? null : { after: last.epochNo }, rows: 0, findings };
}

/** Each row is proven before its bytes are sealed: what is sealed damaged would speak against the file once it is mended. */
function sealSlice(month: LedgerMonth, prover: RowProver, cursor: ProofCursor | null, sliceRows: number): SliceOutcome {
  const span = month.keySpan() ?? { first: 0, last: 0 };
  const digest = new RowDigest({
    rows: cursor?.rows ?? 0,
    digest: cursor?.digest === undefined ? NO_SEAL : fromHex(cursor.digest),
  });
  const begun = digest.rows;
  for (const page of walkRows(month, cursor?.after ?? span.first - 1, span.last, Math.min(PAGE_ROWS, sliceRows))) {
    const unsealed = damageIn(page, month, prover, digest);
    if (unsealed) return { cursor: null, rows: 0, findings: [unsealed] };
    if (digest.rows - begun < sliceRows) continue;
    return { cursor: { after: page.upTo, rows: digest.rows, digest: toHex(digest.digest) }, rows: 0, findings: [] };
  }
  const judged = judgementDigest(month);
  const rows = { rows: digest.rows, firstKey: span.first, lastKey: span.last, digest: digest.digest };
  const seal = { month: month.month, ...rows, judgements: judged.count, judgementDigest: judged.digest };
  return { cursor: null, rows: 0, findings: [], seal };
}

/** Adds rows that prove themselves to the digest of a seal; gives the first damage. */
function damageIn(page: WalkedPage, month: LedgerMonth, prover: RowProver, digest: RowDigest): Finding | undefined {
  const not = 'it is not sealed while a row of it is damaged:';
  if (!page.rows) {
    const [first] = unreadFindings(page, month.month, prover);
    return first && { ...first, what: `${not} ${first.what}` };
  }
  for (const row of page.rows) {
    const verdict = prover.prove(row);
    if (!verdict.ok) return findingOf(row, month.month, prover, `${not} ${verdict.what}`);
    digest.add(row, verdict.value.pollHash);
  }
  return undefined;
}
