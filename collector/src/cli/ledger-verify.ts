import { FarolaError, printable, systemClock, counted } from '@farola/shared';
import type { FleetReader } from '../fleet/fleet.js';
import type { AuditReport } from '../proof/audit-ledger.js';
import { describeFinding, type Findings } from '../proof/finding.js';
import type { CommandOptions } from './command-options.js';
import { findingJson, findingLines } from './finding-lines.js';
import { withState } from './open-store.js';
import { noteFuture, parseSpan } from './parse-time.js';
import { type AskedProof, type LedgerProof, proveLedger } from './prove-ledger.js';

/** Options of `ledger verify`. */
export interface VerifyOptions extends CommandOptions {
  readonly lcu?: string;
  readonly from?: string;
  readonly to?: string;
  /** `YYYY-MM`. */
  readonly month?: string;
  readonly json?: boolean;
}

/**
 * Proves the ledger from its files alone and prints what it found, also months that the state file knows of and that are not here. Errors:
 * `ledger-damaged`, `ledger-incomplete`; `fleet-lost`, `month-empty`, `lcu-unknown`, `time-invalid`, `usage`, `keys-untrusted`, those of the store.
 */
export async function verifyLedger(options: VerifyOptions): Promise<void> {
  const { out, json } = options;
  const verified = await withState(options.config, async (state, config) => {
    const { note } = options;
    const proof = await proveLedger(state, config, { by: 'verify', note, ...scopeOf(options, state.fleet) });
    checkMonth(options.month, proof.report);
    return proof;
  });
  if (json) out(JSON.stringify(jsonOf(verified)));
  else linesOf(verified).forEach((line) => out(printable(line)));
  throwIfUnsound(verified.report.findings);
}

/** Whoever names a month wants to hear of it. Error: `month-empty`. */
function checkMonth(month: string | undefined, { months, away, findings }: AuditReport): void {
  if (month === undefined || months.length > 0 || away.length > 0 || findings.kept.length > 0) return;
  throw new FarolaError('month-empty', { month });
}

/** What is asked to be proven. */
type VerifyScope = Pick<AskedProof, 'lcu' | 'fromMs' | 'toMs'>;

function scopeOf({ lcu: name, from, to, month, note }: VerifyOptions, fleet: Pick<FleetReader, 'find'>): VerifyScope {
  const lcu = name === undefined ? undefined : fleet.find(name);
  if (name !== undefined && !lcu) throw new FarolaError('lcu-unknown', { lcu: name });
  if (month !== undefined && (from !== undefined || to !== undefined)) {
    throw new FarolaError('usage', { reason: '--month and --from or --to do not go together' });
  }
  const span = month === undefined ? asked(from, to, note) : spanOfMonth(month);
  return { lcu, ...span };
}

function asked(from: string | undefined, to: string | undefined, note: VerifyOptions['note']): Omit<VerifyScope, 'lcu'> {
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

function jsonOf({ report, seconds, seal }: LedgerProof): object {
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

function linesOf({ report, seconds, seal }: LedgerProof): string[] {
  const { rows, entries, months, away, findings } = report;
  const { damaged, gone, owed } = findings.counts;
  return [
    ...findingLines('does not agree', findings, 'damaged'),
    ...findingLines('was here and is gone', findings, 'gone'),
    ...findingLines('never delivered', findings, 'owed'),
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

function throwIfUnsound(findings: Findings): void {
  const { damaged, gone } = findings.counts;
  const firstDamaged = findings.first('damaged');
  if (firstDamaged) throw new FarolaError('ledger-damaged', { count: damaged, first: describeFinding(firstDamaged) });
  const firstGone = findings.first('gone');
  if (firstGone) throw new FarolaError('ledger-incomplete', { count: gone, first: describeFinding(firstGone) });
}
