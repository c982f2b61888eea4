import { toHex } from '@farola/shared';
import { type AuditedSeals, auditEnd, auditSeal, auditSeals, type KnownOfLedger } from './audit-seals.js';
import { AuditSeams } from './audit-seams.js';
import { tryAuditEpoch } from './audit-tables.js';
import { type AuditedRow, auditRow, findingOf } from './audit-row.js';
import { type Finding, Findings, NO_MONTH } from './finding.js';
import { ledgerKey, ledgerKeyParts, slotOf } from '../ledger/ledger-key.js';
import type { LedgerMonth, LedgerMonths } from '../ledger/ledger-month.js';
import type { LedgerRow } from '../ledger/ledger.js';
import { RowDigest } from './month-seal.js';
import { OwedEntries } from './owed-entries.js';
import type { RowProver } from './prove-row.js';
import { unreadFindings } from './unread-findings.js';
import { isUnreadable, type WalkedPage, walkRows, walkRowsOf } from './walk-rows.js';

/** What of a ledger is proven; all of it unless said. */
export interface AuditScope {
  readonly lcuNo?: number | undefined;
  /** Span of receipt, wall time, ms; both ends included. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** How far a proof is. */
export interface AuditStep {
  readonly month: string;
  readonly rows: number;
  /** Share of the whole, 0 to 1, by time of receipt. */
  readonly share: number;
}

/** What a proof came to. */
export interface AuditReport {
  /** Rows that were looked at, and entries that those own whose bytes agree. */
  readonly rows: number;
  readonly entries: number;
  readonly months: readonly string[];
  /** Sealed months that are not here, and need not be. */
  readonly away: readonly string[];
  readonly findings: Findings;
}

const EPOCHS_AT_A_TIME = 64;
/** Highest time of a ledger key, ms: 24 bits of slots. */
const LAST_MS = 2 ** 24 * 300_000 - 1;

/** What a proof gathers over all files. */
interface Gathered {
  readonly months: LedgerMonths;
  readonly prover: RowProver;
  readonly scope: AuditScope;
  readonly known: KnownOfLedger;
  readonly findings: Findings;
  readonly seams: AuditSeams;
  readonly owed: OwedEntries;
  rows: number;
  entries: number;
  highestKey: number;
  /** Chains of which rows of the file could not be read: each of these is a finding. */
  unread: Set<string>;
}

/**
 * Proves the ledger from its files alone, oldest first: each row and what the tables say of it, the ranges with each other
 * and from file to file, what polls acknowledged and starts name, and each closed month with its seal. What cannot be read is a
 * finding. Yields after each page of rows. With a scope that is not the whole, only rows in it are proven, and tables of files that lie in it.
 * @param told of each finding, also of those that the report only counts
 */
export function* auditLedger(
  months: LedgerMonths,
  prover: RowProver,
  known: KnownOfLedger,
  scope: AuditScope = {},
  told?: (finding: Finding) => void,
): Generator<AuditStep, AuditReport> {
  const findings = new Findings(told);
  const [seams, owed] = [new AuditSeams(prover), new OwedEntries(prover, months)];
  const all: Gathered = {
    months,
    prover,
    scope,
    known,
    findings,
    seams,
    owed,
    rows: 0,
    entries: 0,
    highestKey: 0,
    unread: new Set(),
  };
  const names = months.list().filter((month) => inScope(month, scope));
  for (const [i, name] of names.entries()) {
    const month = tryOpen(months, name, findings);
    if (!month) continue;
    for (const share of auditMonth(month, all)) yield { month: name, rows: all.rows, share: (i + share) / names.length };
  }
  const sealed = scope.lcuNo === undefined ? sealsIn(scope, months.list(), known) : { away: [], findings: [] };
  const lost = known.lost?.filter(({ month }) => inScope(month, scope)) ?? [];
  const newest = names.at(-1) ?? NO_MONTH;
  const end = isWhole(scope) ? [...owed.findings(), ...auditEnd(all.highestKey, known.provenUpTo, newest)] : [];
  for (const finding of [...lost, ...sealed.findings, ...end]) findings.add(finding);
  return { rows: all.rows, entries: all.entries, months: names, away: sealed.away, findings };
}

function* auditMonth(month: LedgerMonth, all: Gathered): Generator<number> {
  const { prover, scope, findings, seams, owed } = all;
  const { after, upTo } = keysOf(scope);
  const span = spanOf(month, after, upTo);
  if (!span) return;
  const digest = new RowDigest();
  let last = 0;
  all.unread = new Set();
  for (const page of pagesOf(month, scope, Math.max(after, span.first - 1), Math.min(upTo, span.last))) {
    if (!page.rows) {
      for (const finding of unreadFindings(page, month.month, prover)) findings.add(finding);
      for (const { key, epoch } of page.named ?? []) if (epoch) all.unread.add(chainName(ledgerKeyParts(key).lcuNo, epoch));
      continue;
    }
    for (const row of page.rows) {
      if (row.key <= last) {
        findings.add({ kind: 'damaged', month: month.month, key: row.key, what: 'its key is not above the one before it' });
      }
      last = row.key;
      const audited = tryAuditRow(row, month, all);
      digest.add(row, audited?.proven?.pollHash);
      all.rows++;
      if (!audited) continue;
      for (const finding of [...audited.findings, ...seams.add(audited, month.month)]) findings.add(finding);
      owed.row(audited, month.month);
      all.entries += countOf(audited);
    }
    yield (page.upTo - span.first) / (span.last - span.first + 1);
  }
  all.highestKey = Math.max(all.highestKey, last);
  if (span.first <= after || span.last > upTo) return;
  const seal = scope.lcuNo === undefined ? all.known.seals.find((one) => one.month === month.month) : undefined;
  const unlike = seal && readOr(month, findings, () => auditSeal(month, digest, seal));
  for (const finding of unlike ?? []) findings.add(finding);
  readOr(month, findings, () => auditTables(month, all));
}

function pagesOf(month: LedgerMonth, { lcuNo }: AuditScope, after: number, upTo: number): Generator<WalkedPage> {
  return lcuNo === undefined ? walkRows(month, after, upTo) : walkRowsOf(month, lcuNo, after, upTo);
}

/** Judgements are numbered from 1 without holes, and are of the LCU whose row they name. */
function auditJudgements(month: LedgerMonth, { prover, findings }: Gathered): void {
  for (let after = 0, more = true; more;) {
    const judgements = month.judgements(after, EPOCHS_AT_A_TIME);
    for (const { no, lcuNo, key } of judgements) {
      const lcu = prover.nameOf(lcuNo) ?? `number ${lcuNo}`;
      const tell = (kind: Finding['kind'], what: string): void => findings.add({ kind, month: month.month, lcu, what });
      if (no !== after + 1) tell('gone', `judgements ${after + 1} to ${no - 1}, before judgement ${no}`);
      if (prover.nameOf(lcuNo) === undefined) tell('damaged', `judgement ${no} is of an LCU that the fleet does not know`);
      if (key !== null && ledgerKeyParts(key).lcuNo !== lcuNo)
        tell('damaged', `judgement ${no} names row ${key}, of another LCU`);
      after = no;
    }
    more = judgements.length === EPOCHS_AT_A_TIME;
  }
}

function auditTables(month: LedgerMonth, all: Gathered): void {
  if (all.scope.lcuNo === undefined) {
    for (const index of readOr(month, all.findings, () => month.unlikeIndexes()) ?? [])
      all.findings.add({ kind: 'damaged', month: month.month, what: `index ${index} does not have what its table has` });
    readOr(month, all.findings, () => auditJudgements(month, all));
  }
  auditEpochs(month, all);
}

function auditEpochs(month: LedgerMonth, { months, prover, scope, findings, owed, unread }: Gathered): void {
  if (scope.lcuNo === undefined && (readOr(month, findings, () => month.strayPieces()) ?? 0) > 0) {
    findings.add({ kind: 'damaged', month: month.month, what: 'ranges are of epochs that the file does not name' });
  }
  for (let after = 0, more = true; more;) {
    const epochs = readOr(month, findings, () => month.epochs(after, EPOCHS_AT_A_TIME));
    if (!epochs) return owed.unreadRest();
    for (const epoch of epochs) {
      if (scope.lcuNo !== undefined && epoch.lcuNo !== scope.lcuNo) continue;
      const audited = tryAuditEpoch(epoch, month, months, prover);
      if ('findings' in audited) {
        for (const finding of audited.findings) findings.add(finding);
        owed.epoch(audited, month.month);
      } else {
        owed.unread(epoch);
        if (!unread.has(chainName(epoch.lcuNo, epoch.epoch))) findings.add(audited);
      }
    }
    after = epochs.at(-1)?.epochNo ?? after;
    more = epochs.length === EPOCHS_AT_A_TIME;
  }
}

/** The keys of a file; those that are asked for where the lowest or the highest cannot be read. Undefined of an empty file. */
function spanOf(month: LedgerMonth, after: number, upTo: number): ReturnType<LedgerMonth['keySpan']> {
  try {
    return month.keySpan();
  } catch (error) {
    if (isUnreadable(error)) return { first: after + 1, last: upTo };
    throw error;
  }
}

function chainName(lcuNo: number, id: Uint8Array): string {
  return `${lcuNo}/${toHex(id)}`;
}

function tryOpen(months: LedgerMonths, name: string, findings: Findings): LedgerMonth | undefined {
  try {
    return months.open(name);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    findings.add({ kind: 'damaged', month: name, what: `the file cannot be opened: ${String(error.facts['reason'])}` });
    return undefined;
  }
}

/** Where the tables of a row cannot be read it is not known what is its own. */
function tryAuditRow(row: LedgerRow, month: LedgerMonth, { prover, findings }: Gathered): AuditedRow | undefined {
  try {
    return auditRow(row, month, prover);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const what = `what the tables say of it cannot be read: ${String(error.facts['reason'])}`;
    findings.add(findingOf(row, month.month, prover, what));
    return undefined;
  }
}

function readOr<Value>({ month }: LedgerMonth, findings: Findings, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    findings.add({ kind: 'damaged', month, what: String(error.facts['reason']) });
    return undefined;
  }
}

function countOf({ proven, owned }: AuditedRow): number {
  return proven ? owned.reduce((sum, { from, to }) => sum + to - from + 1, 0) : 0;
}

function isWhole({ lcuNo, fromMs, toMs }: AuditScope): boolean {
  return lcuNo === undefined && fromMs === undefined && toMs === undefined;
}

/** The seals of the months in the scope; the chain is held against itself when all are. */
function sealsIn(scope: AuditScope, here: readonly string[], known: KnownOfLedger): AuditedSeals {
  const { away, findings } = auditSeals(here, known);
  const inside = ({ month }: { readonly month: string }): boolean => inScope(month, scope);
  return { away: away.filter((month) => inside({ month })), findings: findings.filter(inside) };
}

/** A file holds what was received in its month or, when the clock went back, before. */
function inScope(month: string, { fromMs, toMs }: AuditScope): boolean {
  const from = fromMs === undefined ? '' : new Date(fromMs).toISOString().slice(0, 7);
  return month >= from && (toMs === undefined || month <= new Date(toMs).toISOString().slice(0, 7));
}

function keysOf({ fromMs = 0, toMs = LAST_MS }: AuditScope): { after: number; upTo: number } {
  const last = Math.min(Math.max(toMs, 0), LAST_MS);
  return {
    after: ledgerKey({ slot: slotOf(Math.max(fromMs, 0)), lcuNo: 0, ordinal: 0 }) - 1,
    upTo: ledgerKey({ slot: slotOf(last), lcuNo: 0, ordinal: 0 }) + 2 ** 29 - 1,
  };
}
