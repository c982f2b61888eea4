import { codeOf, FarolaError, systemClock, toHex } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { statePaths } from '../config/state-paths.js';
import { checkFleet } from '../fleet/check-fleet.js';
import type { FleetReader } from '../fleet/fleet.js';
import { receiptsOf } from '../fleet/known-receipts.js';
import { lcuIdentities } from '../fleet/lcu-identities.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '../ledger/sqlite-ledger-reader.js';
import { openSqliteLedgerMonths } from '../ledger/sqlite-ledger-month.js';
import { auditLedger, type AuditReport, type AuditScope } from '../proof/audit-ledger.js';
import { type Finding, NO_MONTH } from '../proof/finding.js';
import { lostEnd } from '../proof/lost-end.js';
import { lostMonths } from '../proof/lost-months.js';
import { sealHash } from '../proof/month-seal.js';
import type { ProofBook } from '../proof/proof-book.js';
import type { ProofRecord } from '../proof/proof-record.js';
import { RowProver } from '../proof/prove-row.js';
import { isThere } from '../store/is-there.js';
import { loadCollectorKeys } from '../trust/fs-collector-keys.js';
import { pollKeysOf } from '../trust/poll-keys.js';
import { sodiumVerify } from '../trust/sodium-signer.js';
import type { CommandOptions } from './command-options.js';
import { openProofBook } from './open-store.js';
import { ProgressLine } from './progress-line.js';
import { tellCopy } from './tell-copy.js';

/** Which proof it is, and of what; all of the ledger unless told. */
export interface AskedProof extends Pick<CommandOptions, 'note'> {
  readonly by: ProofRecord['by'];
  readonly lcu?: { readonly lcuNo: number; readonly lcuId: string } | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Told of each finding, also of those that the report only counts. */
  readonly told?: (finding: Finding) => void;
}

/** What a proof came to. */
export interface LedgerProof {
  readonly report: AuditReport;
  readonly seconds: number;
  /** Hash of the newest seal, hexadecimal; null while no month is closed. */
  readonly seal: string | null;
}

/** What is received is stored within this, ms: a proof beside a collector that runs has all rows of before. */
const STORED_WITHIN_MS = 60_000;

/**
 * Proves the ledger from its files, by what state and earlier proofs know of it, and puts it on record. One that cannot be put there is proven
 * all the same, and that is noted. Errors: `fleet-lost`, `keys-untrusted`, `store-older`, those of the stores but what is damaged of ledger and `proof.db`.
 */
export async function proveLedger(
  state: Pick<SqliteState, 'fleet' | 'derived'>,
  config: CollectorConfig,
  asked: AskedProof,
): Promise<LedgerProof> {
  const { ledger, state: path } = statePaths(config);
  await checkOwnFleet(state.fleet, ledger, path);
  const { book, missing } = await openBook(config);
  try {
    const beganMs = systemClock().now().wallMs;
    const proof = await prove(state, config, asked, book);
    const { findings } = proof.report;
    const isDamaged = missing?.code === 'ledger-corrupt';
    if (isDamaged) {
      findings.add({ kind: 'damaged', month: NO_MONTH, what: `${missing.message}; nothing was held against seals` });
    }
    const why = book ? tryRecord(book, recordOf(asked, beganMs, proof.report)) : missing;
    if (why && !isDamaged)
      asked.note?.(`note: readings do not know of this proof, since it cannot be put on record: ${why.message}`);
    return proof;
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

/** A damaged `proof.db`, or one that cannot be made, does not keep the ledger from being proven. */
async function openBook(config: CollectorConfig): Promise<{ book?: ProofBook; missing?: FarolaError }> {
  try {
    return { book: await openProofBook(config) };
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code === 'store-older' || error.code === 'store-newer') throw error;
    if (error.code !== 'ledger-corrupt' && isThere(statePaths(config).proof)) throw error;
    return { missing: error };
  }
}

async function prove(
  state: Pick<SqliteState, 'fleet' | 'derived'>,
  config: CollectorConfig,
  { lcu, fromMs, toMs, told }: AskedProof,
  book: ProofBook | undefined,
): Promise<LedgerProof> {
  const paths = statePaths(config);
  const { identity } = await loadCollectorKeys(paths.keys, config.collectorId);
  const verify = await sodiumVerify();
  const prover = new RowProver({ pollKeys: pollKeysOf(identity, verify), lcus: lcuIdentities(state.fleet), verify });
  const appliedKey = state.derived.appliedKey();
  const seals = book?.seals() ?? [];
  const { awayBefore } = config.proof;
  const months = await openSqliteLedgerMonths(paths.ledger, tellCopy);
  const progress = new ProgressLine();
  const began = performance.now();
  try {
    const lost = [...lostMonths(receiptsOf(state, lcu?.lcuNo), months, { seals, awayBefore }), ...lostEnd(appliedKey, months)];
    const known = { seals, awayBefore, provenUpTo: book?.progress().provenUpTo ?? 0, lost };
    const scope: AuditScope = { lcuNo: lcu?.lcuNo, fromMs, toMs };
    const audit = auditLedger(months, prover, known, scope, told);
    let step = audit.next();
    for (; !step.done; step = audit.next()) progress.show(step.value.month, step.value.rows, step.value.share);
    const newest = seals.at(-1);
    const seconds = (performance.now() - began) / 1000;
    return { report: step.value, seconds, seal: newest ? toHex(sealHash(newest)) : null };
  } finally {
    progress.end();
    months.close();
  }
}

/** A rebuild has the ledger for itself: nothing is on its way there. */
function recordOf({ by, lcu, fromMs, toMs }: AskedProof, beganMs: number, { rows, findings }: AuditReport): ProofRecord {
  const isWhole = fromMs === undefined && toMs === undefined;
  return {
    by,
    lcu: lcu?.lcuId ?? null,
    span: isWhole ? null : { fromMs: fromMs ?? 0, toMs: toMs ?? beganMs },
    beganMs,
    endedMs: systemClock().now().wallMs,
    upToMs: by === 'rebuild' ? beganMs : beganMs - STORED_WITHIN_MS,
    rows,
    counts: { damaged: findings.counts.damaged, gone: findings.counts.gone },
    findings: findings.kept.filter(({ kind }) => kind !== 'owed'),
  };
}

/** Why it could not be recorded; undefined when it is. */
function tryRecord(book: Pick<ProofBook, 'record'>, record: ProofRecord): FarolaError | undefined {
  try {
    book.record(record);
    return undefined;
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    return error;
  }
}
