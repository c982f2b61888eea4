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

/** How the newest sample of a scan group went. */
export interface GroupOutcome {
  /** Of its row in the analyser table. */
  readonly index: number;
  readonly periodS: number;
  /** How many quantities it has. */
  readonly quantities: number;
  /** Null while no sample was taken. */
  readonly status: SampleStatus | null;
  /** When it was begun, ms since 1970 UTC. */
  readonly atMs: number | null;
}

/** How the newest samples of an analyser went. */
export interface AnalyserOutcome {
  readonly id: string;
  readonly line: string;
  /** Of the newest sample of all groups; null while none was taken. */
  readonly status: SampleStatus | null;
  /** When that was begun, ms since 1970 UTC. */
  readonly atMs: number | null;
  /** Begin of the first sample since which a group fails; null while none does. */
  readonly failingSinceMs: number | null;
  /** Why a group fails: that of the newest sample, or else another one. Of a silent one that is not asked, why it was silent. */
  readonly code: ErrorCode | null;
  readonly groups: readonly GroupOutcome[];
}

/** What outcomes are kept of. */
export type OutcomeRow = Pick<AnalyserRow, 'index' | 'id' | 'line' | 'periodS' | 'quantities'>;

/** Samples that say nothing of the other groups: something answered. */
const ANSWERED: ReadonlySet<SampleStatus> = new Set(['complete', 'partial', 'exception']);

/** What an analyser came to, and what the log said of it since it last did well. */
interface Known {
  readonly groups: { readonly row: OutcomeRow; outcome: GroupOutcome; failure: FarolaError | undefined }[];
  outcome: AnalyserOutcome;
  readonly told: Set<ErrorCode>;
}

/**
 * Keeps how the newest samples of each analyser went, and which lines are not available. An analyser fails while the newest
 * sample of one of its groups is not complete; one that is silent is so for all of them, and back for all with the first that
 * is answered. The log says when a line or an analyser begins to fail, or fails for another reason, and when it is back; not each
 * sample.
 */
export class MeterOutcomes {
  readonly #log: Log;
  readonly #known: readonly Known[];
  readonly #troubles = new Map<string, LineTrouble>();

  /** @param rows the analyser table */
  constructor(rows: readonly OutcomeRow[], log: Log) {
    this.#log = log;
    this.#known = [...new Set(rows.map(({ id }) => id))].map((id) => unknown(rows.filter((row) => row.id === id)));
  }

  /** In the order of the table. */
  get analysers(): readonly AnalyserOutcome[] {
    return this.#known.map(({ outcome }) => outcome);
  }

  /** Why nothing is read over this line; undefined while it is available. */
  troubleOf(line: string): LineTrouble | undefined {
    return this.#troubles.get(line);
  }

  /** Takes in how one sample went. @param index of the row */
  sampled(index: number, { status, startedAt, failure }: Pick<Reading, 'status' | 'startedAt' | 'failure'>): void {
    const known = this.#known.find(({ groups }) => groups.some(({ row }) => row.index === index));
    const group = known?.groups.find(({ row }) => row.index === index);
    if (!known || !group) throw new RangeError(`there is no row ${index}`);
    const atMs = startedAt.wallMs;
    // That a silent one is not asked is no reason of its own.
    group.failure = failure?.code === 'meter-not-asked' ? (group.failure ?? failure) : failure;
    group.outcome = { ...group.outcome, status, atMs };
    if (ANSWERED.has(status)) forgetSilence(known, group.row);
    const failing = reasonOf([group, ...known.groups]);
    known.outcome = {
      ...known.outcome,
      status,
      atMs,
      failingSinceMs: failing ? (known.outcome.failingSinceMs ?? atMs) : null,
      code: failing?.code ?? null,
      groups: known.groups.map(({ outcome }) => outcome),
    };
    const { line } = group.row;
    if (failure && status === 'line-unavailable') return this.#lineFailed(line, failure, atMs);
    this.#lineWorks(line, atMs);
    this.#tellAnalyser(known, failure, failing === undefined);
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

  #tellAnalyser({ told, outcome }: Known, failure: FarolaError | undefined, isWell: boolean): void {
    const { id: analyser, line } = outcome;
    if (failure && !told.has(failure.code) && (failure.code !== 'meter-not-asked' || told.size === 0)) {
      told.add(failure.code);
      this.#log.warn(failure.code, { line, analyser, ...failure.facts });
    }
    if (!isWell || told.size === 0) return;
    const code = [...told].join(', ');
    told.clear();
    this.#log.info({ line, analyser, code }, 'analyser back');
  }
}

function reasonOf(groups: readonly { readonly failure: FarolaError | undefined }[]): FarolaError | undefined {
  const failures = groups.flatMap(({ failure }) => failure ?? []);
  return failures.find(({ code }) => code !== 'meter-not-asked') ?? failures[0];
}

/** What the other groups failed of, when something answered this one. */
function forgetSilence({ groups }: Known, { index }: OutcomeRow): void {
  for (const group of groups) {
    if (group.row.index !== index && group.outcome.status && !ANSWERED.has(group.outcome.status)) group.failure = undefined;
  }
}

function unknown(rows: readonly OutcomeRow[]): Known {
  const [first] = rows;
  const groups = rows.map((row) => {
    const { index, periodS, quantities } = row;
    const outcome: GroupOutcome = { index, periodS, quantities: quantities.length, status: null, atMs: null };
    return { row, outcome, failure: undefined };
  });
  const outcome: AnalyserOutcome = {
    id: first?.id ?? '',
    line: first?.line ?? '',
    ...{ status: null, atMs: null, failingSinceMs: null, code: null },
    groups: groups.map((group) => group.outcome),
  };
  return { groups, outcome, told: new Set() };
}

/** No less than 0, whatever the wall clock did. */
function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1_000));
}
