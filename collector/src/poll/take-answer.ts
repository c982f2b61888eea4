import {
  type Answer,
  codeOf,
  encodeItems,
  type Facts,
  FarolaError,
  refuse,
  type Result,
  sameBytes,
  type Verify,
} from '@farola/shared';
import type { Counting } from '../fleet/counting.js';
import type { StoredAnswer } from '../fleet/derive-change.js';
import type { DerivedState } from '../fleet/derived-state.js';
import type { GroupCommit } from '../ledger/group-commit.js';
import type { Holdings } from '../ledger/holdings.js';
import { judgeDelivery, rangeOf } from '../ledger/judge-delivery.js';
import type { Ledger, LedgerReader, NewAnswer } from '../ledger/ledger.js';
import type { HeldRange } from '../ledger/held-range.js';
import type { FindRevoked } from '../verify/check-code.js';
import { type VerifiedAnswer, verifyAnswer } from '../verify/verify-answer.js';
import type { Contradictions } from './contradictions.js';
import type { Reply } from './exchange.js';
import { lineageOf } from './lineage-of.js';
import type { Taken } from './run-round.js';
import type { Session } from './session.js';

/** A verified answer on its way into the ledger, with what derived state is made from. */
export interface AnswerToStore extends NewAnswer {
  readonly parsed: Answer;
  /** The entries from `first` on, each by itself. */
  readonly items: readonly Uint8Array[];
  /** Begin of the epoch of the range, as far as it is known. */
  readonly start: StoredAnswer['start'];
  /** How the LCU stood at the receipt. */
  readonly standing: Counting;
}

/** What taking an answer needs. */
export interface TakeDeps {
  readonly verify: Verify;
  readonly revoked: FindRevoked;
  readonly holdings: Holdings;
  readonly ledger: Pick<Ledger, 'headAt' | 'detail'> & Pick<LedgerReader, 'rowOf'>;
  readonly commit: Pick<GroupCommit<AnswerToStore>, 'submit'>;
  readonly derived: Pick<DerivedState, 'start' | 'successors'>;
  readonly contradictions: Contradictions;
}

/**
 * Verifies the reply to a poll, holds it against what is stored, and stores what is new. When it resolves with ok, all
 * of it is durable. Codes: those of `verifyAnswer` and `judgeDelivery`, `ledger-slot-full`, `disk-failure`.
 */
export async function takeAnswer(reply: Reply, session: Session, deps: TakeDeps): Promise<Result<Taken>> {
  const verified = verifyAnswer(reply.frame, reply.asked, reply.receivedMonoMs, deps.verify, deps.revoked);
  if (!verified.ok) return verified;
  const { answer } = verified.value;
  session.lastMonoMs = answer.now[0];
  const toStore = holdAgainst(verified.value, reply, session, deps);
  if (!toStore.ok) return toStore;
  try {
    await deps.commit.submit(toStore.value);
  } catch (error) {
    if (error instanceof FarolaError) return refuse(codeOf(error), error.facts);
    throw error;
  }
  const { lcuNo } = session.lcu;
  addToHoldings(deps.holdings, lcuNo, toStore.value);
  session.openEpochs = answer.openEpochs;
  const entriesStored = countOf(toStore.value.adds);
  return { ok: true, value: { entriesStored, backlog: backlogOf(answer, lcuNo, deps.holdings), codeHash: answer.codeHash } };
}

function holdAgainst(
  { answer, signed, entries, heads }: VerifiedAnswer,
  reply: Reply,
  session: Session,
  deps: TakeDeps,
): Result<AnswerToStore> {
  const { lcuNo, lcuId } = session.lcu;
  const { epoch, from, to, gaps } = answer;
  const { receivedWallMs: atMs } = reply;
  const kept = { poll: reply.poll, answer: signed, entries: entries.encoded };
  const isForked = (of: Uint8Array, facts: Facts): void =>
    deps.contradictions.found(session, { code: 'chain-fork', facts, grave: true, epoch: of }, atMs, kept);
  const judged = judgeDelivery(
    { lcuId, range: { epoch, from, to, heads }, gaps },
    {
      holdingOf: (of) => deps.holdings.of(lcuNo, of),
      headAt: (of, n) => deps.ledger.headAt(lcuNo, of, n),
      detail: (of, fromN, toN) => deps.ledger.detail(lcuNo, of, fromN, toN),
    },
  );
  if (!judged.ok) {
    if (judged.code === 'chain-fork') isForked(epoch, judged.facts);
    return judged;
  }
  const { first, base, adds, gaps: newGaps, told, forks } = judged.value;
  const [fork] = forks;
  if (fork) isForked(fork.epoch, fork.facts);
  const items = entries.items.slice(first - from);
  for (const finding of lineageOf({ epoch, from, heads, first, items, adds, gaps: newGaps }, atMs, session, deps)) {
    deps.contradictions.found(session, finding, atMs, null);
  }
  const value: AnswerToStore = {
    lcuNo,
    epoch,
    first,
    base,
    adds,
    items,
    receivedAtMs: atMs,
    poll: reply.poll,
    answer: signed,
    entries: first === from ? entries.encoded : encodeItems(items),
    gaps: newGaps,
    told,
    parsed: answer,
    start: startOf(epoch, session, deps),
    standing: session.standing,
  };
  return { ok: true, value };
}

/** The hello tells the boot of the present epoch; only after a release it matters when it began. */
function startOf(epoch: Uint8Array, session: Session, { derived }: TakeDeps): StoredAnswer['start'] {
  const isPresent = sameBytes(epoch, session.hello.epoch);
  if (isPresent && session.standing.fromEpochAfterMs === null) return session.present;
  return derived.start(session.lcu.lcuNo, epoch) ?? (isPresent ? session.present : undefined);
}

function addToHoldings(holdings: Holdings, lcuNo: number, { epoch, adds, gaps }: AnswerToStore): void {
  holdings.add(lcuNo, epoch, adds);
  for (const gap of gaps) holdings.add(lcuNo, gap[0], [rangeOf(gap)]);
}

function countOf(ranges: readonly HeldRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** Entries that the LCU holds and the collector does not. */
function backlogOf({ openEpochs }: Answer, lcuNo: number, holdings: Holdings): number {
  let missing = 0;
  for (const [epoch, first, last] of openEpochs) {
    for (const { from, to } of holdings.of(lcuNo, epoch).missing(first, last)) missing += to - from + 1;
  }
  return missing;
}
