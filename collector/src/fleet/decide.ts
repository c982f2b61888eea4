import type { JudgementReader, JudgementWriter } from '../ledger/ledger.js';
import { stateAfter } from './fleet-rules.js';
import type { Decision, Decisions, FleetReader, Lcu, Standing } from './fleet.js';

/** What a decision needs. */
export interface DecideDeps {
  readonly ledger: JudgementWriter;
  readonly fleet: Pick<FleetReader, 'find'> & Decisions;
}

/**
 * Decides about an LCU: a judgement in the ledger, then the state of the fleet, which is repaired from it after a crash
 * between the two (repairStandings). Errors: `lcu-unknown`, `decision-unfit`, `disk-failure`.
 */
export function decideStanding({ ledger, fleet }: DecideDeps, lcuId: string, standing: Standing): Lcu {
  const lcu = fleet.find(lcuId);
  stateAfter(lcuId, lcu, standing.decision);
  const { decision, atMs, reason, by } = standing;
  if (lcu) ledger.judge({ lcuNo: lcu.lcuNo, judgedAtMs: atMs, code: decision, facts: { reason, by }, key: null, kept: null });
  return fleet.decide(lcuId, standing);
}

/** The decisions among the judgements of an LCU, oldest first. */
export function decisionsOf(ledger: JudgementReader, lcuNo: number): Standing[] {
  return ledger.judgements(lcuNo).flatMap(({ code, judgedAtMs, facts }) => {
    if (!isDecision(code)) return [];
    return [{ decision: code, atMs: judgedAtMs, reason: String(facts['reason']), by: String(facts['by']) }];
  });
}

/**
 * Takes in what the ledger knows decided and the fleet does not, all of it in order: the process ended in between, or the
 * state file was restored from its backup. Returns the names of those that were repaired.
 */
export function repairStandings(fleet: Pick<FleetReader, 'list'> & Decisions, ledger: JudgementReader): string[] {
  return fleet.list().flatMap((known) => {
    let lcu = known;
    for (const missed of missedBy(known, decisionsOf(ledger, known.lcuNo))) {
      if (fits(lcu, missed.decision)) lcu = fleet.decide(lcu.lcuId, missed);
    }
    return lcu === known ? [] : [lcu.lcuId];
  });
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

function isDecision(code: string): code is Decision {
  return code === 'quarantined' || code === 'released' || code === 'revoked' || code === 'retired';
}
