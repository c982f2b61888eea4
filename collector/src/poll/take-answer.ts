import { type Answer, encodeItems, type Result, sameBytes, toHex, type Verify } from '@farola/shared';
import { branchOf, isFirstBranch } from '../branch-id.js';
import { type Counting, epochCounts } from '../fleet/counting.js';
import type { StoredAnswer } from '../fleet/derive-change.js';
import type { DerivedState } from '../fleet/derived-state.js';
import type { Holdings } from '../ledger/holdings.js';
import { type FoundFork, judgeDelivery, type JudgedDelivery } from '../ledger/judge-delivery.js';
import type { ProvenRange } from '../ledger/judge-range.js';
import type { Ledger, LedgerReader, NewAnswer } from '../ledger/ledger.js';
import type { HeldRange } from '../ledger/held-range.js';
import type { UnitChains } from '../ledger/place-range.js';
import { rangeOf } from '../ledger/take-gaps.js';
import type { FindRevoked } from '../verify/check-code.js';
import { type VerifiedAnswer, verifyAnswer } from '../verify/verify-answer.js';
import type { BranchRoom } from './branch-room.js';
import type { Contradictions } from './contradictions.js';
import type { Reply } from './exchange.js';
import { lineageOf } from './lineage-of.js';
import { presentEpoch, type PresentEpochs } from './present-epochs.js';
import type { Taken } from './run-round.js';
import type { Session } from './session.js';
import type { StandingOrder } from './standing-order.js';
import { StoredOfLcu } from './stored-of-lcu.js';
import { heldToAck } from './unit-chains.js';

/** A verified answer on its way into the ledger, with what derived state is made from. */
export interface AnswerToStore extends NewAnswer {
  readonly parsed: Answer;
  /** The entries from `first` on, each by itself. */
  readonly items: readonly Uint8Array[];
  /** Begin of the epoch of the range, as far as it is known. */
  readonly start: StoredAnswer['start'];
  /** How the LCU stood at the receipt. */
  readonly standing: Counting;
  /** Of forked epochs, the chains that the unit showed to be of. */
  readonly units: readonly UnitChains[];
  /** The chains of forked epochs that it begins. */
  readonly begins: readonly Uint8Array[];
}

/** What taking an answer needs. */
export interface TakeDeps {
  readonly verify: Verify;
  readonly revoked: FindRevoked;
  readonly holdings: Holdings;
  readonly room: BranchRoom;
  readonly presents: PresentEpochs;
  readonly ledger: Pick<Ledger, 'headAt' | 'detail'> & Pick<LedgerReader, 'rowOf'>;
  readonly derived: Pick<DerivedState, 'start' | 'successors'>;
  readonly contradictions: Contradictions;
  readonly order: StandingOrder;
}

/**
 * Verifies the reply to a poll and holds it against what is stored. What is new of it is to be stored, and then taken in by
 * `answerStored`. Codes: those of `verifyAnswer` and `judgeDelivery`.
 */
export function judgeReply(reply: Reply, session: Session, deps: TakeDeps): Result<AnswerToStore> {
  const verified = verifyAnswer(reply.frame, reply.asked, reply.receivedMonoMs, deps.verify, deps.revoked);
  if (!verified.ok) return verified;
  session.told(verified.value.answer);
  return holdAgainst(verified.value, reply, session, deps);
}

/** Takes in that an answer is durable; gives what it brought. What is forgotten of an LCU that is gone is not read again. */
export function answerStored(
  stored: AnswerToStore,
  session: Session,
  deps: Pick<TakeDeps, 'holdings' | 'room' | 'presents' | 'ledger'>,
): Taken {
  const { holdings, room, presents } = deps;
  const { parsed, adds, shares, gaps, units } = stored;
  for (const id of stored.begins) room.began(session.lcu.lcuNo, id);
  addToHoldings(holdings, stored);
  const hasShown = session.chains.add(units);
  if (adds.length > 0 || gaps.length > 0) presents.delivered(session, presentEpoch(parsed.openEpochs, session));
  session.openEpochs = parsed.openEpochs;
  session.gaps = parsed.gaps;
  return {
    entriesStored: countOf(adds),
    entriesGone: countOf(gaps.map(rangeOf)),
    recognised: hasShown || shares.length > 0,
    backlog: session.closed ? undefined : backlogOf(parsed, session, deps),
    codeHash: parsed.codeHash,
  };
}

function holdAgainst(verified: VerifiedAnswer, reply: Reply, session: Session, deps: TakeDeps): Result<AnswerToStore> {
  const { answer, signed, entries, range } = verified;
  const { lcuNo, lcuId } = session.lcu;
  const { epoch, from, gaps, openEpochs } = answer;
  const { receivedWallMs: atMs } = reply;
  const judged = judgeDelivery({ lcuId, range, gaps, openEpochs }, new StoredOfLcu(session, deps));
  if (!judged.ok) {
    if (judged.code === 'chain-fork') forkFound({ epoch, facts: judged.facts }, verified, reply, session, deps);
    return judged;
  }
  const { id, first, base, adds, shares, gaps: newGaps, told, units, forks } = judged.value;
  const start = startOf(epoch, session, deps);
  const [fork] =
    forks.length === 0 && units.length > 0
      ? forksThatCount(judged.value, range, start, deps.order.standingFor(session, epoch))
      : forks;
  if (fork) forkFound(fork, verified, reply, session, deps);
  const items = entries.items.slice(first - from);
  for (const finding of lineageOf({ id, range, first, items, adds, gaps: newGaps, openEpochs }, atMs, session, deps)) {
    deps.contradictions.found(session, finding, atMs, null);
  }
  deps.order.beforeStoring(session, atMs);
  const value: AnswerToStore = {
    lcuNo,
    epoch: id,
    first,
    base,
    adds,
    shares,
    items,
    receivedAtMs: atMs,
    poll: reply.poll,
    answer: signed,
    entries: first === from ? entries.encoded : encodeItems(items),
    gaps: newGaps,
    told,
    parsed: answer,
    start,
    standing: deps.order.standingFor(session, epoch, first === 1 && adds.length > 0 && isFirstBranch(id) ? atMs : undefined),
    units,
    begins: begunBy(units, lcuNo, deps.holdings),
  };
  return { ok: true, value };
}

/**
 * An epoch that is forked counts no more. Where an LCU counts again all the same, since it was enrolled again for one, what
 * it adds to such an epoch is found once more.
 */
function forksThatCount(
  { units, adds }: Pick<JudgedDelivery, 'units' | 'adds'>,
  { epoch, from, to }: ProvenRange,
  start: StoredAnswer['start'],
  standing: Counting,
): readonly FoundFork[] {
  const isForked = units.some((unit) => sameBytes(unit.epoch, epoch));
  if (!isForked || adds.length === 0 || !epochCounts(standing, start?.atMs)) return [];
  return [{ epoch, facts: { from, to, epoch: toHex(epoch), at: from } }];
}

/** Poll, answer and entries are kept with the finding. */
function forkFound(
  { epoch, facts }: FoundFork,
  { signed, entries }: VerifiedAnswer,
  { poll, receivedWallMs }: Reply,
  session: Session,
  { contradictions }: TakeDeps,
): void {
  const kept = { poll, answer: signed, entries: entries.encoded };
  contradictions.found(session, { code: 'chain-fork', facts, grave: true, epoch }, receivedWallMs, kept);
}

/** The hello tells the boot of the present epoch; only after a release it matters when it began. */
function startOf(epoch: Uint8Array, session: Session, { derived }: TakeDeps): StoredAnswer['start'] {
  const isPresent = sameBytes(epoch, session.hello.epoch);
  if (isPresent && session.standing.fromEpochAfterMs === null) return session.present;
  return derived.start(session.lcu.lcuNo, epoch) ?? (isPresent ? session.present : undefined);
}

/** A unit is of one chain that is not known yet where it begins that. */
function begunBy(units: readonly UnitChains[], lcuNo: number, holdings: Holdings): readonly Uint8Array[] {
  return units.flatMap(({ epoch, ids: [id] }) => (id && branchOf(id) >= holdings.kept(lcuNo, epoch).branches ? [id] : []));
}

function addToHoldings(holdings: Holdings, { lcuNo, epoch, adds, shares, gaps }: AnswerToStore): void {
  for (const share of shares) holdings.add(lcuNo, share.id, [share]);
  holdings.add(lcuNo, epoch, adds);
  for (const gap of gaps) holdings.addGap(lcuNo, gap[0], rangeOf(gap));
}

function countOf(ranges: readonly HeldRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** Entries that the LCU holds and the collector does not. */
function backlogOf({ openEpochs }: Answer, session: Session, deps: Pick<TakeDeps, 'holdings' | 'ledger'>): number {
  let missing = 0;
  for (const [epoch, first, last] of openEpochs) {
    for (const { from, to } of heldToAck(session, epoch, deps).missing(first, last)) missing += to - from + 1;
  }
  return missing;
}
