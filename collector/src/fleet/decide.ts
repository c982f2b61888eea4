import type { HoldingReader, JudgementReader, JudgementWriter, LedgerRow, LedgerRows } from '../ledger/ledger.js';
import { type Decided, positionOf } from './counting.js';
import { stateAfter } from './fleet-rules.js';
import type { Decision, Decisions, FleetReader, Lcu, LcuRecords, Standing } from './fleet.js';
import { heldText } from './held-rows.js';
import { storedText } from './stored-spans.js';

/** What a decision needs. */
export interface DecideDeps {
  readonly ledger: JudgementWriter & Pick<LedgerRows, 'rows'> & Pick<HoldingReader, 'epochsOf' | 'holding'>;
  readonly fleet: Pick<FleetReader, 'find'> & Decisions;
}

/** A decision as the ledger notes it. */
export type NotedDecision = Standing & Decided;

/**
 * Decides about an LCU: a judgement in the ledger, then the state of the fleet, which is repaired from it after a crash
 * between the two (repairStandings). Errors: `lcu-unknown`, `decision-unfit`, `disk-failure`.
 */
export function decideStanding({ ledger, fleet }: DecideDeps, lcuId: string, standing: Standing): Lcu {
  const lcu = fleet.find(lcuId);
  stateAfter(lcuId, lcu, standing.decision);
  if (lcu) note(ledger, lcu.lcuNo, standing);
  return fleet.decide(lcuId, standing, lcu && storedText(ledger, lcu.lcuNo));
}

/**
 * Notes the last decision about an LCU again, where the wall clock went back behind it: what is received from then on is told from
 * what was received at the same times before. Nothing where that is told already. Errors: `disk-failure`, `ledger-corrupt`.
 */
export function noteDecisionAgain(ledger: NoteDeps & JudgementReader, lcuNo: number, atMs: number): void {
  const decisions = decisionsOf(ledger, lcuNo);
  const last = decisions.at(-1);
  if (!last || positionOf(decisions, { key: -1, receivedAtMs: atMs }) === decisions.length - 1) return;
  note(ledger, lcuNo, { ...last, atMs, takenAtMs: last.takenAtMs ?? last.atMs });
}

/** What a note of a decision needs. */
type NoteDeps = JudgementWriter & Pick<LedgerRows, 'rows'>;

function note(ledger: NoteDeps, lcuNo: number, { decision, atMs, reason, by, stored, takenAtMs }: NotedDecision): void {
  const held = heldText(keysOf(ledger.rows(lcuNo, atMs, Number.MAX_SAFE_INTEGER)));
  const facts = {
    reason,
    by,
    ...(held === '' ? {} : { held }),
    ...(stored ? { stored } : {}),
    ...(takenAtMs === undefined ? {} : { takenAtMs }),
  };
  ledger.judge({ lcuNo, judgedAtMs: atMs, code: decision, facts, key: null, kept: null });
}

function* keysOf(rows: Iterable<LedgerRow>): Iterable<number> {
  for (const { key } of rows) yield key;
}

/** The decisions among the judgements of an LCU, in the order in which they were noted. */
export function decisionsOf(ledger: JudgementReader, lcuNo: number): NotedDecision[] {
  return ledger.judgements(lcuNo).flatMap(({ code, judgedAtMs, facts: { reason, by, held, stored, takenAtMs } }) => {
    if (!isDecision(code)) return [];
    const again = takenAtMs === undefined ? {} : { takenAtMs: Number(takenAtMs) };
    const known = {
      ...(held === undefined ? {} : { held: String(held) }),
      ...(stored === undefined ? {} : { stored: String(stored) }),
    };
    return [{ decision: code, atMs: judgedAtMs, reason: String(reason), by: String(by), ...known, ...again }];
  });
}

/**
 * Takes in what the ledger knows decided and the fleet does not, all of it in order: the process ended in between, or the
 * state file was restored from its backup. Returns the names of those that were repaired.
 */
export function repairStandings(fleet: Pick<FleetReader, 'list'> & Decisions, ledger: JudgementReader): string[] {
  return fleet.list().flatMap((known) => {
    let lcu = known;
    for (const missed of missedBy(known, takenOnce(decisionsOf(ledger, known.lcuNo)))) {
      if (fits(lcu, missed.decision)) lcu = fleet.decide(lcu.lcuId, missed);
    }
    return lcu === known ? [] : [lcu.lcuId];
  });
}

/**
 * Notes in the ledger what the fleet knows decided and the ledger does not, with what was stored then: files of the ledger were lost,
 * or not restored. What LCUs deliver again counts as it counted. Returns the names of those that were repaired. Errors:
 * `disk-failure`, `ledger-corrupt`.
 */
export function repairDecisions(
  fleet: Pick<FleetReader, 'list'> & Pick<LcuRecords, 'decisions'>,
  ledger: NoteDeps & JudgementReader,
): string[] {
  return fleet.list().flatMap(({ lcuNo, lcuId }) => {
    const kept = fleet.decisions(lcuNo);
    if (kept.length === 0) return [];
    const noted = takenOnce(decisionsOf(ledger, lcuNo));
    const lost = kept.slice(kept.findLastIndex((one) => noted.some((known) => isSame(one, known))) + 1);
    for (const { stored, ...standing } of lost) note(ledger, lcuNo, stored === null ? standing : { ...standing, stored });
    return lost.length === 0 ? [] : [lcuId];
  });
}

/** Without those that are noted again. */
function takenOnce(decisions: readonly NotedDecision[]): Standing[] {
  return decisions
    .filter(({ takenAtMs }) => takenAtMs === undefined)
    .map(({ decision, atMs, reason, by }) => ({ decision, atMs, reason, by }));
}

/** Those behind the decision that the fleet knows; where it knows none, those later than the time of its key. */
function missedBy({ standing, key }: Lcu, decisions: readonly Standing[]): readonly Standing[] {
  const at = decisions.findLastIndex((one) => standing !== null && isSame(one, standing));
  if (at >= 0) return decisions.slice(at + 1);
  const knownMs = Math.max(standing?.atMs ?? -1, key?.toMs ?? key?.fromMs ?? -1);
  return decisions.filter(({ atMs }) => atMs > knownMs);
}

function isSame(a: Standing, b: Standing): boolean {
  return a.decision === b.decision && a.atMs === b.atMs && a.reason === b.reason && a.by === b.by;
}

/** What was decided of a state that the fleet has lost may not fit the one that it knows. */
function fits(lcu: Lcu, decision: Decision): boolean {
  try {
    stateAfter(lcu.lcuId, lcu, decision);
    return true;
  } catch {
    return false;
  }
}

/** Whether a judgement is a decision, rather than something that was found. */
export function isDecision(code: string): code is Decision {
  return code === 'quarantined' || code === 'released' || code === 'revoked' || code === 'retired';
}
