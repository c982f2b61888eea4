import type { AnalyserRow, ErrorCode, FarolaError, SampleStatus } from '@farola/shared';
import type { Log } from '../log/log.js';
import type { Reading } from './reading.js';

/** Why nothing is read over a line. */
export interface LineTrouble {
  /** When the first sample failed for it, ms since 1970 UTC. */
  readonly sinceMs: number;
  readonly code: ErrorCode;
  /** What the newest attempt met, such as `connect ECONNREFUSED 10.0.0.7:4001`. */
  readonly reason: string;
}

/** How the newest sample of an analyser went. */
export interface AnalyserOutcome {
  readonly id: string;
  readonly line: string;
  /** Null while none was taken. */
  readonly status: SampleStatus | null;
  /** When it was begun, ms since 1970 UTC. */
  readonly atMs: number | null;
  /** Begin of the first sample since the last complete one; null while it is complete. */
  readonly failingSinceMs: number | null;
  /** Why it is not complete. */
  readonly code: ErrorCode | null;
}

/** What an analyser came to, and what the log said of it last. */
interface Known {
  readonly row: Pick<AnalyserRow, 'id' | 'line'>;
  outcome: AnalyserOutcome;
  told: ErrorCode | undefined;
}

/**
 * Keeps how the newest sample of each analyser went, and which lines are not available. The log says when a line or an analyser
 * begins to fail, or fails for another reason, and when it is back; not each sample.
 */
export class MeterOutcomes {
  readonly #log: Log;
  readonly #known: readonly Known[];
  readonly #troubles = new Map<string, LineTrouble>();

  /** @param analysers by index */
  constructor(analysers: readonly Pick<AnalyserRow, 'id' | 'line'>[], log: Log) {
    this.#log = log;
    this.#known = analysers.map((row) => ({ row, outcome: untaken(row), told: undefined }));
  }

  /** By index. */
  get analysers(): readonly AnalyserOutcome[] {
    return this.#known.map(({ outcome }) => outcome);
  }

  /** Why nothing is read over this line; undefined while it is available. */
  troubleOf(line: string): LineTrouble | undefined {
    return this.#troubles.get(line);
  }

  /** Takes in how one sample went. */
  sampled(index: number, { status, startedAt, failure }: Pick<Reading, 'status' | 'startedAt' | 'failure'>): void {
    const known = this.#known[index];
    if (!known) throw new RangeError(`there is no analyser ${index}`);
    const { id, line } = known.row;
    const atMs = startedAt.wallMs;
    const failingSinceMs = failure ? (known.outcome.failingSinceMs ?? atMs) : null;
    known.outcome = { id, line, status, atMs, failingSinceMs, code: failure?.code ?? null };
    if (failure && status === 'line-unavailable') return this.#lineFailed(line, failure, atMs);
    this.#lineWorks(line, atMs);
    this.#tellAnalyser(known, failure);
  }

  #lineFailed(line: string, failure: FarolaError, atMs: number): void {
    const before = this.#troubles.get(line);
    const { code, facts } = failure;
    this.#troubles.set(line, { sinceMs: before?.sinceMs ?? atMs, code, reason: String(facts['reason'] ?? failure.message) });
    if (before?.code !== code) this.#log.warn(code, { line, ...facts });
  }

  #lineWorks(line: string, atMs: number): void {
    const before = this.#troubles.get(line);
    if (!before) return;
    this.#troubles.delete(line);
    this.#log.info({ line, code: before.code, afterS: seconds(atMs - before.sinceMs) }, 'line back');
  }

  #tellAnalyser(known: Known, failure: FarolaError | undefined): void {
    const { told, row } = known;
    if (failure?.code === 'meter-not-asked' && told) return;
    known.told = failure?.code;
    if (failure && failure.code !== told) this.#log.warn(failure.code, { line: row.line, analyser: row.id, ...failure.facts });
    if (!failure && told) this.#log.info({ line: row.line, analyser: row.id, code: told }, 'analyser back');
  }
}

function untaken({ id, line }: Pick<AnalyserRow, 'id' | 'line'>): AnalyserOutcome {
  return { id, line, status: null, atMs: null, failingSinceMs: null, code: null };
}

/** No less than 0, whatever the wall clock did. */
function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1_000));
}
