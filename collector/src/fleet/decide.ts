import type { Ledger, LedgerReader } from '../ledger/ledger.js';
import { stateAfter } from './fleet-rules.js';
import type { Decision, Fleet, Lcu, Standing } from './fleet.js';

/** What a decision needs. */
export interface DecideDeps {
  readonly ledger: Pick<Ledger, 'judge'>;
  readonly fleet: Pick<Fleet, 'find' | 'decide'>;
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
export function decisionsOf(ledger: Pick<LedgerReader, 'judgements'>, lcuNo: number): Standing[] {
  return ledger.judgements(lcuNo).flatMap(({ code, judgedAtMs, facts }) => {
    if (!isDecision(code)) return [];
    return [{ decision: code, atMs: judgedAtMs, reason: String(facts['reason']), by: String(facts['by']) }];
  });
}

/**
 * Takes in what the ledger knows decided and the fleet does not: the process ended in between, or the state file was
 * restored from its backup. Returns the names of those that were repaired.
 */
export function repairStandings(fleet: Pick<Fleet, 'list' | 'decide'>, ledger: Pick<LedgerReader, 'judgements'>): string[] {
  return fleet.list().flatMap((lcu) => {
    const last = decisionsOf(ledger, lcu.lcuNo).at(-1);
    const known = Math.max(lcu.standing?.atMs ?? -1, lcu.key?.toMs ?? lcu.key?.fromMs ?? -1);
    if (!last || last.atMs <= known || !fits(lcu, last.decision)) return [];
    fleet.decide(lcu.lcuId, last);
    return [lcu.lcuId];
  });
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
