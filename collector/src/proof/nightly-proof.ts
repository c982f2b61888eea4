import { type Clock, codeOf, FarolaError } from '@farola/shared';
import type { Log } from '../log/log.js';
import { auditEnd, auditSeals } from './audit-seals.js';
import { codeOfFinding, describeFinding, type Finding, type FindingKind, NO_MONTH } from './finding.js';
import { ledgerKey, slotOf } from '../ledger/ledger-key.js';
import type { LedgerProver } from './ledger-prover.js';
import { type MonthSeal, NO_SEAL, sealHash } from './month-seal.js';
import { lastDue, planNight } from './plan-night.js';
import type { DatedFinding, ProofBook, ProofCursor, ProofNight, ProofProgress } from './proof-book.js';

/** What the nightly proof works with. */
export interface NightlyProofDeps {
  readonly book: ProofBook;
  readonly prover: LedgerProver;
  readonly clock: Clock;
  readonly log: Log;
  /** Time of night, `HH:MM` UTC. */
  readonly at: string;
  /** Months before this one may have been moved away. */
  readonly awayBefore: string | undefined;
}

/** Findings of one night that are logged, each in a line. */
const LOGGED = 20;

const NONE: Readonly<Record<FindingKind, number>> = { damaged: 0, gone: 0, owed: 0 };

/**
 * Proves the ledger by night: what is new, and a thirtieth of the rest. Works slice by slice and puts down after each where
 * it stands, so that a kill loses a slice at the most, and a night that was cut off goes on at the next start. One caller.
 */
export class NightlyProof {
  readonly #deps: NightlyProofDeps;

  constructor(deps: NightlyProofDeps) {
    this.#deps = deps;
  }

  /**
   * Does one slice when a night is under way or due; gives whether there may be more to do at once. Errors: `disk-failure`,
   * `ledger-corrupt` of the book alone; `internal` when the prover ends.
   */
  async step(): Promise<boolean> {
    const { book, clock, at } = this.#deps;
    const progress = book.progress();
    if (progress.night) return this.#go(progress, progress.night);
    const { wallMs } = clock.now();
    const dueMs = lastDue(at, wallMs);
    if (progress.lastDueMs === null) book.save({ ...progress, lastDueMs: dueMs }, []);
    if (progress.lastDueMs === null || dueMs <= progress.lastDueMs) return false;
    await this.#begin(progress, progress.lastDueMs, dueMs, wallMs);
    return true;
  }

  async #begin(progress: ProofProgress, lastDueMs: number, dueMs: number, beganMs: number): Promise<void> {
    const { book, prover, awayBefore, log } = this.#deps;
    const spans = await prover.spans();
    const seals = book.seals();
    const here = spans.map(({ month }) => month);
    const highest = spans.reduce((most, { keys }) => Math.max(most, keys?.last ?? 0), 0);
    const found = [
      ...auditSeals(here, { seals, awayBefore }).findings,
      ...auditEnd(highest, progress.provenUpTo, here.at(-1) ?? NO_MONTH),
    ];
    const settledUpTo = ledgerKey({ slot: Math.max(0, slotOf(beganMs) - 1), lcuNo: 0, ordinal: 0 }) - 1;
    const { provenUpTo } = progress;
    const sealed = seals.map(({ month }) => month);
    const tasks = planNight({ spans, sealed, provenUpTo, settledUpTo, dueMs, lastDueMs });
    const night: ProofNight = { dueMs, beganMs, tasks, at: 0, cursor: null, rows: 0, counts: counted(NONE, found) };
    book.save({ ...progress, night, lastDueMs: dueMs }, dated(found, beganMs));
    log.info({ parts: tasks.length }, 'nightly proof of the ledger begins');
    this.#tell(found, 0);
  }

  async #go(progress: ProofProgress, night: ProofNight): Promise<boolean> {
    const task = night.tasks[night.at];
    if (!task) {
      this.#end(progress, night);
      return false;
    }
    const { book, prover, clock } = this.#deps;
    const { cursor, rows, findings, seal } = await prover.slice(task, night.cursor);
    const { wallMs } = clock.now();
    const next: ProofNight = {
      ...night,
      at: cursor ? night.at : night.at + 1,
      cursor,
      rows: night.rows + rows,
      counts: counted(night.counts, findings),
    };
    const provenUpTo = task.do === 'new' ? Math.max(progress.provenUpTo, reached(cursor, task.upTo)) : progress.provenUpTo;
    const previous = book.seals().at(-1);
    const sealed: MonthSeal | undefined = seal && { ...seal, previous: previous ? sealHash(previous) : NO_SEAL };
    book.save({ ...progress, provenUpTo, night: next }, dated(findings, wallMs), sealed);
    this.#tell(findings, night.counts.damaged + night.counts.gone);
    return true;
  }

  #end(progress: ProofProgress, { beganMs, rows, counts }: ProofNight): void {
    const { book, clock, log } = this.#deps;
    const endedMs = clock.now().wallMs;
    book.save({ ...progress, night: null, last: { beganMs, endedMs, rows, counts } }, []);
    const fields = { rows, ...counts, provenUpTo: progress.provenUpTo, seconds: Math.round((endedMs - beganMs) / 1000) };
    if (counts.damaged + counts.gone === 0) return log.info(fields, 'nightly proof of the ledger is done');
    const code = counts.damaged > 0 ? 'ledger-damaged' : 'ledger-incomplete';
    const { hint } = new FarolaError(code);
    log.error({ code, ...fields, hint }, 'nightly proof of the ledger found damage');
  }

  #tell(findings: readonly Finding[], before: number): void {
    const told = findings.filter(({ kind }) => kind !== 'owed').slice(0, Math.max(0, LOGGED - before));
    for (const finding of told) {
      this.#deps.log.error({ code: codeOfFinding(finding), ...finding }, describeFinding(finding));
    }
  }
}

/** Runs a night's work slice after slice until nothing is due, `stopped` says so, or it fails, which is logged. */
export async function proveWhileDue(
  proof: Pick<NightlyProof, 'step'>,
  stopped: () => boolean,
  failed: (error: unknown) => void,
): Promise<void> {
  try {
    while (!stopped() && (await proof.step()));
  } catch (error) {
    if (!stopped() || codeOf(error) !== 'internal') failed(error);
  }
}

function reached(cursor: ProofCursor | null, upTo: number): number {
  return cursor ? cursor.after : upTo;
}

function counted(before: Readonly<Record<FindingKind, number>>, findings: readonly Finding[]): Record<FindingKind, number> {
  const counts = { ...before };
  for (const { kind } of findings) counts[kind]++;
  return counts;
}

function dated(findings: readonly Finding[], foundAtMs: number): DatedFinding[] {
  return findings.map((finding) => ({ ...finding, foundAtMs }));
}
