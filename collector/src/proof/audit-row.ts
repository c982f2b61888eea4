import { type GapRecord, sameBytes } from '@farola/shared';
import { branchName, epochOf } from '../branch-id.js';
import type { Finding } from './finding.js';
import { monthOf } from '../ledger/ledger-key.js';
import type { LedgerMonth, OwnedSpan, StoredGap } from '../ledger/ledger-month.js';
import type { LedgerRow } from '../ledger/ledger.js';
import type { ProvenRow, RowProver } from './prove-row.js';

/** A row that was looked at. */
export interface AuditedRow {
  readonly row: LedgerRow;
  /** Undefined when its bytes do not agree. */
  readonly proven: ProvenRow | undefined;
  /** What it owns. */
  readonly owned: readonly OwnedSpan[];
  readonly gaps: readonly StoredGap[];
  readonly findings: readonly Finding[];
}

/** Proves a row and holds it against what the tables of its file say of it. Errors: those of the port. */
export function auditRow(row: LedgerRow, month: LedgerMonth, prover: RowProver): AuditedRow {
  const owned = month.owned(row);
  const gaps = month.gaps(row.key);
  const verdict = prover.prove(row);
  const findings: Finding[] = [];
  const told = (what: string): void => void findings.push(findingOf(row, month.month, prover, what));
  if (!verdict.ok) {
    told(verdict.what);
    return { row, proven: undefined, owned, gaps, findings };
  }
  const { items, answer } = verdict.value;
  if (monthOf(row.receivedAtMs) > month.month) told('it was received after the month of its file');
  const last = row.first + items.length - 1;
  if (items.length > 0 && owned[0]?.from !== row.first) told('it does not own the first entry that it keeps: its range is gone');
  if (owned.some(({ to }) => to > last)) told('it is said to own entries that it does not hold');
  for (const gap of gaps) {
    if (!answer.gaps.some((signed) => tells(signed, gap))) told(`gap ${gap.from}..${gap.to} is not in the signed answer`);
  }
  return { row, proven: verdict.value, owned, gaps, findings };
}

/** A finding about a row. */
export function findingOf(row: LedgerRow, month: string, prover: Pick<RowProver, 'nameOf'>, what: string): Finding {
  const { lcuNo, epoch, first, key, receivedAtMs } = row;
  const lcu = prover.nameOf(lcuNo) ?? `number ${lcuNo}`;
  const range = row.entries.length > 1 ? { from: first, to: lastOf(row) } : {};
  return { kind: 'damaged', what, month, lcu, epoch: branchName(epoch), ...range, key, receivedAtMs };
}

/** As the head of the CBOR array counts them (RFC 8949 section 3): of damaged entries too. */
function lastOf({ first, entries: [head = 0, next = 0, second = 0] }: LedgerRow): number {
  const argument = head & 0x1f;
  const count = argument === 25 ? next * 256 + second : argument === 24 ? next : argument;
  return first + Math.max(0, count - 1);
}

/** A gap is kept as the parts of the signed one that were not held. */
function tells([epoch, from, to, prev, head, reason]: GapRecord, gap: StoredGap): boolean {
  if (!sameBytes(epoch, epochOf(gap.epoch)) || reason !== gap.reason || gap.from < from || gap.to > to) return false;
  return (gap.from !== from || sameBytes(gap.prev, prev)) && (gap.to !== to || sameBytes(gap.head, head));
}
