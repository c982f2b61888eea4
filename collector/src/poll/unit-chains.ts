import { sameBytes, WANT, type Want } from '@farola/shared';
import { branchIds } from '../branch-id.js';
import { EpochHolding } from '../ledger/epoch-holding.js';
import { HeldChain, type HeldByLcu } from '../ledger/held-by-lcu.js';
import { heldHead } from '../ledger/held-head.js';
import type { Holdings } from '../ledger/holdings.js';
import type { Session } from './session.js';

/**
 * The id of the chain of an epoch that the unit behind a connection is of: of an epoch that is not forked, the only one.
 * Undefined until it has shown it.
 */
export function chainOfUnit(session: Session, epoch: Uint8Array, holdings: Pick<Holdings, 'kept'>): Uint8Array | undefined {
  if (holdings.kept(session.lcu.lcuNo, epoch).branches === 1) return epoch;
  const [id, ...others] = session.chains.of(epoch) ?? [];
  return others.length === 0 ? id : undefined;
}

/** What is stored of that chain: nothing until the unit has shown which, so that nothing of another's is acknowledged to it. */
export function heldOfUnit(session: Session, epoch: Uint8Array, holdings: Pick<Holdings, 'kept' | 'of'>): EpochHolding {
  const { lcuNo } = session.lcu;
  const kept = holdings.kept(lcuNo, epoch);
  if (kept.branches === 1) return kept.holding;
  const id = chainOfUnit(session, epoch, holdings);
  return id ? holdings.of(lcuNo, id) : EpochHolding.EMPTY;
}

/**
 * What to ask a unit of an epoch that is forked, so that it shows which of the chains is its own: an entry whose head two of
 * them have differently. Undefined when it has, or when the LCU lists no such entry: then its oldest tells, by the head before
 * it. `enough` when it was asked for as many as can tell anything in this round.
 * @param first of the entries that the LCU lists of it, to `last`
 */
export function wantTelling(
  epoch: Uint8Array,
  first: number,
  last: number,
  session: Session,
  held: HeldByLcu,
): Want | 'enough' | undefined {
  const count = held.branchesOf(epoch);
  if (count === 1) return undefined;
  const ids = session.chains.of(epoch) ?? branchIds(epoch, count);
  const [one, other] = ids;
  if (!one || !other) return undefined;
  if (!session.chains.mayAsk(epoch)) return 'enough';
  const n = differsAt(one, other, [first, last], session.lcu.lcuId, held);
  return n === undefined ? undefined : [WANT.range, epoch, n - 1, n + 1];
}

/** An n from..to whose head is known of both chains, and differs: of those where runs end the highest. */
function differsAt(
  one: Uint8Array,
  other: Uint8Array,
  [from, to]: readonly [number, number],
  lcuId: string,
  held: HeldByLcu,
): number | undefined {
  const [a, b] = [one, other].map((id) => new HeldChain(lcuId, id, held.holdingOf(id), held)) as [HeldChain, HeldChain];
  const differs = (n: number, ofA = heldHead(n, a), ofB = heldHead(n, b)): boolean =>
    n >= from && n <= to && ofA !== undefined && ofB !== undefined && !sameBytes(ofA, ofB);
  for (const run of a.holding.runs.toReversed()) {
    for (const beside of b.holding.runs.toReversed()) {
      const n = Math.min(run.to, beside.to, to);
      if (n >= Math.max(run.from, beside.from) - 1 && differs(n)) return n;
    }
  }
  const toldByA = a.detail(1, Number.MAX_SAFE_INTEGER).told.find(({ n, head }) => differs(n, head));
  return (toldByA ?? b.detail(1, Number.MAX_SAFE_INTEGER).told.find(({ n, head }) => differs(n, undefined, head)))?.n;
}
