import { codeOf, FarolaError, jsonTime, printable, systemClock, toHex, counted } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { checkFleet } from '../fleet/check-fleet.js';
import type { FleetReader } from '../fleet/fleet.js';
import { receiptsOf } from '../fleet/known-receipts.js';
import { lcuIdentities } from '../fleet/lcu-identities.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { auditLedger, type AuditReport, type AuditScope } from '../proof/audit-ledger.js';
import { describeFinding, type Finding, FINDINGS_KEPT, type Findings, NO_MONTH } from '../proof/finding.js';
import { lostEnd } from '../proof/lost-end.js';
import { lostMonths } from '../proof/lost-months.js';
import { type MonthSeal, sealHash } from '../proof/month-seal.js';
import type { ProofBook } from '../proof/proof-book.js';
import { RowProver } from '../proof/prove-row.js';
import { openSqliteLedgerReader } from '../ledger/sqlite-ledger-reader.js';
import { openSqliteLedgerMonths } from '../ledger/sqlite-ledger-month.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { statePaths } from '../config/state-paths.js';
import { loadCollectorKeys } from '../trust/fs-collector-keys.js';
import { pollKeysOf } from '../trust/poll-keys.js';
import { sodiumVerify } from '../trust/sodium-signer.js';
import type { CommandOptions } from './command-options.js';
import { openBeside, withState } from './open-store.js';
import { noteFuture, parseSpan } from './parse-time.js';
import { tellCopy } from './tell-copy.js';
import { ProgressLine } from './progress-line.js';

/** Options of `ledger verify`. */
export interface VerifyOptions extends CommandOptions {
  readonly lcu?: string;
  readonly from?: string;
  readonly to?: string;
  /** `YYYY-MM`. */
  readonly month?: string;
  readonly json?: boolean;
}

/** What a verification printed. */
interface Verified {
  readonly report: AuditReport;
  readonly seconds: number;
  /** Hash of the newest seal, hexadecimal; null while no month is closed. */
  readonly seal: string | null;
}

/**
 * Proves the ledger from its files alone and prints what it found, also months that the state file knows of and that are not here. Errors:
 * `ledger-damaged`, `ledger-incomplete`; `fleet-lost`, `month-empty`, `lcu-unknown`, `time-invalid`, `usage`, `keys-untrusted`, those of the store.
 */
export async function verifyLedger(options: VerifyOptions): Promise<void> {
  const { out, json } = options;
  const verified = await withState(options.config, async (state, config) => {
    const { proof, ledger, state: path } = statePaths(config);
    await checkOwnFleet(state.fleet, ledger, path);
    return verify(state, await readBook(proof), config, options);
  });
  if (json) out(JSON.stringify(jsonOf(verified)));
  else linesOf(verified).forEach((line) => out(printable(line)));
  throwIfUnsound(verified.report.findings);
}

/** What the nightly proof keeps; none where it never ran, and why it cannot be read. */
interface ReadBook {
  readonly seals: readonly MonthSeal[];
  readonly provenUpTo: number;
  readonly damage: FarolaError | undefined;
}

/** A damaged `proof.db` is a finding, and does not keep the ledger from being proven. Errors: those of the store but `ledger-corrupt`. */
async function readBook(path: string): Promise<ReadBook> {
  let book: (ProofBook & { close(): void }) | undefined;
  try {
    book = await openBeside(path, (how) => openSqliteProofBook(path, how));
    return { seals: book?.seals() ?? [], provenUpTo: book?.progress().provenUpTo ?? 0, damage: undefined };
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'ledger-corrupt') throw error;
    return { seals: [], provenUpTo: 0, damage: error };
  } finally {
    book?.close();
  }
}

/** By another fleet nothing of the ledger could be proven, however good its files are. Error: `fleet-lost`. */
async function checkOwnFleet(fleet: FleetReader, folder: string, statePath: string): Promise<void> {
  const ledger = await openSqliteLedgerReader(folder, tellCopy);
  try {
    checkFleet(fleet, ledger, statePath);
  } catch (error) {
    // What is damaged is found, and named, with the rest.
    if (codeOf(error) !== 'ledger-corrupt') throw error;
  } finally {
    ledger.close();
  }
}

async function verify(
  state: Pick<SqliteState, 'fleet' | 'derived'>,
  { seals, provenUpTo, damage }: ReadBook,
  config: CollectorConfig,
  options: VerifyOptions,
): Promise<Verified> {
  const paths = statePaths(config);
  const { fleet } = state;
  const scope = scopeOf(options, fleet);
  const { identity } = await loadCollectorKeys(paths.keys, config.collectorId);
  const verifySignature = await sodiumVerify();
  const lcus = lcuIdentities(fleet);
  const prover = new RowProver({ pollKeys: pollKeysOf(identity, verifySignature), lcus, verify: verifySignature });
  const appliedKey = state.derived.appliedKey();
  const months = await openSqliteLedgerMonths(paths.ledger, tellCopy);
  const lost = [
    ...lostMonths(receiptsOf(state, scope.lcuNo), months, { seals, awayBefore: config.proof.awayBefore }),
    ...lostEnd(appliedKey, months),
  ];
  const known = { seals, awayBefore: config.proof.awayBefore, provenUpTo, lost };
  const progress = new ProgressLine();
  const began = performance.now();
  try {
    const audit = auditLedger(months, prover, known, scope);
    let step = audit.next();
    for (; !step.done; step = audit.next()) progress.show(step.value.month, step.value.rows, step.value.share);
    const { findings } = step.value;
    if (damage) findings.add({ kind: 'damaged', month: NO_MONTH, what: `${damage.message}; nothing was held against seals` });
    checkMonth(options.month, step.value);
    const newest = seals.at(-1);
    const seconds = (performance.now() - began) / 1000;
    return { report: step.value, seconds, seal: newest ? toHex(sealHash(newest)) : null };
  } finally {
    progress.end();
    months.close();
  }
}

/** Whoever names a month wants to hear of it. Error: `month-empty`. */
function checkMonth(month: string | undefined, { months, away, findings }: AuditReport): void {
  if (month === undefined || months.length > 0 || away.length > 0 || findings.kept.length > 0) return;
  throw new FarolaError('month-empty', { month });
}

function scopeOf({ lcu: name, from, to, month, note }: VerifyOptions, fleet: Pick<FleetReader, 'find'>): AuditScope {
  const lcu = name === undefined ? undefined : fleet.find(name);
  if (name !== undefined && !lcu) throw new FarolaError('lcu-unknown', { lcu: name });
  if (month !== undefined && (from !== undefined || to !== undefined)) {
    throw new FarolaError('usage', { reason: '--month and --from or --to do not go together' });
  }
  const span = month === undefined ? asked(from, to, note) : spanOfMonth(month);
  return { lcuNo: lcu?.lcuNo, ...span };
}

function asked(from: string | undefined, to: string | undefined, note: VerifyOptions['note']): Omit<AuditScope, 'lcuNo'> {
  if (from === undefined && to === undefined) return {};
  const nowMs = systemClock().now().wallMs;
  const span = parseSpan({ from, begin: '1970-01-01', to }, nowMs);
  noteFuture({ to }, span.toMs, nowMs, note);
  return span;
}

function spanOfMonth(month: string): { fromMs: number; toMs: number } {
  const fromMs = /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? Date.parse(`${month}-01T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(fromMs)) throw new FarolaError('usage', { reason: `--month ${month} is not a month such as 2026-11` });
  const end = new Date(fromMs);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return { fromMs, toMs: end.getTime() - 1 };
}

function jsonOf({ report, seconds, seal }: Verified): object {
  const { rows, entries, months, away, findings } = report;
  return {
    answers: rows,
    entries,
    months,
    awayMonths: away,
    ...findings.counts,
    tookSeconds: Number(seconds.toFixed(3)),
    answersPerSecond: Math.round(rows / Math.max(seconds, 0.001)),
    newestSeal: seal,
    findings: findings.kept.map(findingJson),
  };
}

function findingJson({ kind, what, month, lcu, epoch, from, to, key, receivedAtMs }: Finding): object {
  const [of = null, branch = '0'] = epoch?.split('/') ?? [];
  return {
    kind,
    what,
    month: month === NO_MONTH ? null : month,
    lcuId: lcu ?? null,
    epoch: of,
    branch: of === null ? null : Number(branch),
    fromN: from ?? null,
    toN: to ?? from ?? null,
    answerKey: key ?? null,
    receivedAt: jsonTime(receivedAtMs ?? null),
  };
}

function linesOf({ report, seconds, seal }: Verified): string[] {
  const { rows, entries, months, away, findings } = report;
  const { damaged, gone, owed } = findings.counts;
  return [
    ...section('does not agree', findings, 'damaged'),
    ...section('was here and is gone', findings, 'gone'),
    ...section('never delivered', findings, 'owed'),
    ...(away.length > 0 ? [`moved away: ${away.join(', ')}`] : []),
    `${counted(rows, 'answer')} with ${counted(entries, 'entry', 'entries')} of ${counted(months.length, 'file')} proven in ${seconds.toFixed(1)} s`,
    ...(seal === null ? [] : [`newest seal: ${seal}`]),
    damaged + gone === 0
      ? agreeing(report)
      : `${counted(damaged, 'does not agree', 'do not agree')}, ${counted(gone, 'is gone', 'are gone')}`,
    ...(owed > 0 ? [`${counted(owed, 'stretch was', 'stretches were')} never delivered`] : []),
  ];
}

/** Nothing is no proof of anything. */
function agreeing({ months, away }: AuditReport): string {
  return months.length > 0 || away.length > 0 ? 'all of it agrees' : 'nothing was stored yet: the ledger has no file';
}

function section(title: string, { kept, counts }: Findings, kind: 'damaged' | 'gone' | 'owed'): string[] {
  const own = kept.filter((one) => one.kind === kind);
  const more = counts[kind] > FINDINGS_KEPT ? [`  and ${counts[kind] - FINDINGS_KEPT} more`] : [];
  return own.length === 0 ? [] : [`${title}:`, ...own.map((one) => `  ${describeFinding(one)}`), ...more];
}

function throwIfUnsound(findings: Findings): void {
  const { damaged, gone } = findings.counts;
  const firstDamaged = findings.first('damaged');
  if (firstDamaged) throw new FarolaError('ledger-damaged', { count: damaged, first: describeFinding(firstDamaged) });
  const firstGone = findings.first('gone');
  if (firstGone) throw new FarolaError('ledger-incomplete', { count: gone, first: describeFinding(firstGone) });
}
