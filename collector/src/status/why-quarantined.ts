import { FarolaError } from '@farola/shared';
import { isDecision } from '../fleet/decide.js';
import type { Lcu } from '../fleet/fleet.js';
import type { JudgementReader } from '../ledger/ledger.js';

/**
 * What the collector found when it took an LCU out of service, in the words of the error table with the facts of the judgement that stands in
 * the ledger; undefined of one that a person quarantined, which says why itself, and of one that is not. Errors: those of the port.
 */
export function whyQuarantined({ lcuNo, state, standing }: Lcu, ledger: JudgementReader): string | undefined {
  if (state !== 'quarantined' || standing?.decision !== 'quarantined') return undefined;
  const found = ledger
    .judgements(lcuNo)
    .findLast(({ code, judgedAtMs }) => code === standing.reason && judgedAtMs === standing.atMs);
  if (!found || isDecision(found.code)) return undefined;
  const { message, hint } = new FarolaError(found.code, found.facts);
  return hint === undefined ? message : `${message}; ${hint}`;
}
