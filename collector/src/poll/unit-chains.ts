import { type OpenEpoch, type PreviousEpoch, sameBytes, WANT, type Want } from '@farola/shared';
import { branchIds } from '../branch-id.js';
import type { Lcu } from '../fleet/fleet.js';
import { EpochHolding } from '../ledger/epoch-holding.js';
import { HeldChain, type HeldByLcu } from '../ledger/held-by-lcu.js';
import { heldHead, knownUpTo } from '../ledger/held-head.js';
import type { Holdings } from '../ledger/holdings.js';
import type { Ledger } from '../ledger/ledger.js';
import { leadingFurthest, NOT_SHOWN, without } from '../ledger/place-range.js';
import type { Session } from './session.js';

/** Where it is looked for. */
export interface ChainDeps {
  readonly holdings: Pick<Holdings, 'kept' | 'of'>;
  readonly ledger: Pick<Ledger, 'headAt'>;
}

/**
 * The id of the chain of an epoch that the unit behind a connection is of: of an epoch that is not forked, the only one.
 * Undefined until it has shown it.
 */
export function chainOfUnit(session: Session, epoch: Uint8Array, holdings: Pick<Holdings, 'kept'>): Uint8Array | undefined {
  if (holdings.kept(session.lcu.lcuNo, epoch).branches === 1) return epoch;
  const [id, ...others] = session.chains.of(epoch)?.ids ?? [];
  return others.length === 0 ? id : undefined;
}

/** What is stored of that chain: nothing until the unit has shown which. */
export function heldOfUnit(session: Session, epoch: Uint8Array, holdings: Pick<Holdings, 'kept' | 'of'>): EpochHolding {
  const { lcuNo } = session.lcu;
  const kept = holdings.kept(lcuNo, epoch);
  if (kept.branches === 1) return kept.holding;
  const id = chainOfUnit(session, epoch, holdings);
  return id ? holdings.of(lcuNo, id) : EpochHolding.EMPTY;
}

/**
 * The chain by which what a unit has is asked and acknowledged: its own, or, while it may be of several, one that has all up to the
 * last entry that the LCU lists, where no other has that entry otherwise. Its history is then stored, whichever it is.
 */
export function chainToAck(session: Session, epoch: Uint8Array, { holdings, ledger }: ChainDeps): Uint8Array | undefined {
  const { lcuNo } = session.lcu;
  const { branches } = holdings.kept(lcuNo, epoch);
  if (branches === 1) return epoch;
  const ids = candidates(session, epoch, branches);
  if (ids.length === 1 && session.chains.of(epoch)?.ids.length === 1) return ids[0];
  const last = session.openEpochs.find(([one]) => sameBytes(one, epoch))?.[2];
  return last ? session.chains.whole(epoch, last, () => wholeUpTo(last, ids, lcuNo, holdings, ledger)) : undefined;
}

function wholeUpTo(
  last: number,
  ids: readonly Uint8Array[],
  lcuNo: number,
  holdings: ChainDeps['holdings'],
  ledger: ChainDeps['ledger'],
): Uint8Array | undefined {
  const heads = ids.flatMap((id) => ledger.headAt(lcuNo, id, last) ?? []);
  if (heads.some((head) => !sameBytes(head, heads[0] as Uint8Array))) return undefined;
  return ids.find((id) => holdings.of(lcuNo, id).mark.n >= last);
}

/** What is stored of that chain; nothing where there is none. */
export function heldToAck(session: Session, epoch: Uint8Array, deps: ChainDeps): EpochHolding {
  const id = chainToAck(session, epoch, deps);
  return id ? deps.holdings.of(session.lcu.lcuNo, id) : EpochHolding.EMPTY;
}

/**
 * What a unit is asked against. As `heldToAck`; and while it may be of several chains that have alike all that it showed, the one
 * that leads furthest from the beginning: there its ranges go (place-range.ts), so that what it is asked next goes on behind them.
 */
export function heldToAsk(session: Session, epoch: Uint8Array, deps: ChainDeps): EpochHolding {
  const { lcuNo } = session.lcu;
  const id = chainToAck(session, epoch, deps);
  if (id) return deps.holdings.of(lcuNo, id);
  const joined = session.chains.of(epoch)?.ids.map((one) => deps.holdings.of(lcuNo, one)) ?? [];
  return leadingFurthest(joined, (holding) => holding) ?? EpochHolding.EMPTY;
}

/**
 * Whether all of an epoch is stored up to the entry that a start entry names as its last, in a chain that has the named head there:
 * that tells which of the chains is meant. Where a chain goes on beyond it, another unit is of that too, and what this one told as
 * gone before it is not stored: the one that names it as its last may have it still.
 */
export function isHeldAsNamed(named: PreviousEpoch, lcu: Pick<Lcu, 'lcuId'>, held: HeldByLcu): boolean {
  const { n } = named;
  if (n === 0) return true;
  return endingAs(named, lcu, held).some((chain) => {
    const { holding } = chain;
    return holding.missing(1, n).length === 0 && (holding.last <= n || chain.detail(1, n).byteless.length === 0);
  });
}

/** Whether a chain has the entry that a start entry names as the last of an epoch, with the named head. */
export function isEndHeld(named: PreviousEpoch, lcu: Pick<Lcu, 'lcuId'>, held: HeldByLcu): boolean {
  return endingAs(named, lcu, held).length > 0;
}

function endingAs({ epoch, n, head }: PreviousEpoch, { lcuId }: Pick<Lcu, 'lcuId'>, held: HeldByLcu): readonly HeldChain[] {
  return branchIds(epoch, held.branchesOf(epoch))
    .map((id) => new HeldChain(lcuId, id, held.holdingOf(id), held))
    .filter((chain) => {
      const known = heldHead(n, chain);
      return known !== undefined && sameBytes(known, head);
    });
}

/** The chains that a unit joined, or else all that it has not contradicted. */
function candidates({ chains }: Session, epoch: Uint8Array, count: number): readonly Uint8Array[] {
  const { ids, out } = chains.of(epoch) ?? NOT_SHOWN;
  return ids.length > 0 ? ids : without(branchIds(epoch, count), out);
}

/**
 * What to ask a unit of an epoch that is forked, so that it shows which of the chains is its own: an entry whose head two of
 * them have differently, or, while it has joined none, one that a chain has at all. Undefined when it has shown it, or when the
 * LCU lists no such entry: then its oldest tells, by the head before it. `enough` when it was asked for as many as can tell
 * anything in this round.
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
  const ids = candidates(session, epoch, count);
  const hasJoined = (session.chains.of(epoch)?.ids.length ?? 0) > 0;
  if (ids.length === 0 || (ids.length === 1 && hasJoined)) return undefined;
  if (!session.chains.mayAsk(epoch)) return 'enough';
  const { lcuId } = session.lcu;
  const chains = ids.map((id) => new HeldChain(lcuId, id, held.holdingOf(id), held));
  const n = differsAmong(chains, [first, last]) ?? (hasJoined ? undefined : knownAmong(chains, [epoch, first, last]));
  return n === undefined ? undefined : [WANT.range, epoch, n - 1, n + 1];
}

/**
 * Whether a unit may yet show of which chain of a forked epoch it is: not where it joined several that have alike all that it lists.
 * @param first of the entries that the LCU lists of it, to `last`
 */
export function mayShowChain(epoch: Uint8Array, first: number, last: number, session: Session, held: HeldByLcu): boolean {
  if (held.branchesOf(epoch) === 1) return false;
  const joined = session.chains.of(epoch)?.ids ?? [];
  return joined.length < 2 || wantTelling(epoch, first, last, session, held) !== undefined;
}

function differsAmong(chains: readonly HeldChain[], listed: readonly [number, number]): number | undefined {
  for (const [i, one] of chains.entries()) {
    for (const other of chains.slice(i + 1)) {
      const n = differsAt(one, other, listed);
      if (n !== undefined) return n;
    }
  }
  return undefined;
}

function knownAmong(chains: readonly HeldChain[], listed: OpenEpoch): number | undefined {
  for (const chain of chains) {
    const n = knownUpTo(listed, chain);
    if (n !== undefined) return n;
  }
  return undefined;
}

/** An n from..to whose head is known of both chains, and differs: of those where runs end the highest. */
function differsAt(a: HeldChain, b: HeldChain, [from, to]: readonly [number, number]): number | undefined {
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
