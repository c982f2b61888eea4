import { type Ack, type Refusal, type Result, sameBytes, toHex, WANT, type Want } from '@farola/shared';
import { type AckDeps, acksOf } from './acks-of.js';
import { type HoldingOf, islandsFull, wantMissing, wantNewest } from './choose-want.js';
import type { Session } from './session.js';
import { toldByAnother } from './told-by-another.js';
import { isSaid, untold } from './untold.js';
import { inVainBefore, isOwed, type OwedDeps, owedBy, wantOwed } from './want-owed.js';
import { isListed } from './withheld.js';

/** What one good answer brought. */
export interface Taken {
  /** Entries that were new. */
  readonly entriesStored: number;
  /** Entries that it told as gone, and that were neither stored nor known as gone. */
  readonly entriesGone: number;
  /** Whether it showed what is stored already: which chain of a forked epoch is the unit's, or what that shares. */
  readonly recognised: boolean;
  /** Entries that the LCU still holds unacknowledged; undefined when its connection was gone when this was stored. */
  readonly backlog: number | undefined;
  /** What the LCU said of its code; null when it does not measure it. */
  readonly codeHash: Uint8Array | null;
}

/** Asks one poll and takes its answer into the ledger. */
export type PollOnce = (acks: Ack[], want: Want) => Promise<Result<Taken>>;

/** What one round of one LCU came to: its first poll, which is the heartbeat, and all that was stored. */
export interface RoundOutcome {
  readonly first: Result<Taken>;
  readonly polls: number;
  readonly entriesStored: number;
  /** Whether every poll of the round was answered well. */
  readonly good: boolean;
}

/** What a round works with. */
export interface RoundDeps extends AckDeps, OwedDeps {
  readonly pollOnce: PollOnce;
  /** Brings what waits for the LCU beside polls; undefined when nothing does. */
  readonly bringOrders: () => Promise<void> | undefined;
  /** Told of a hole that the LCU lists and was asked in vain, and of one that it neither lists nor tells as gone. */
  readonly heldBack: (want: Want) => void;
  /** Whether the next round is due. */
  readonly over: () => boolean;
}

/**
 * One round of one LCU: the newest first, then what is missing, oldest first, until nothing is missing, past epochs that are stored
 * whole are acknowledged and the LCU was told what it released and is not here, an answer is not good, `over` says that the next
 * round is due, or the ledger takes no more of this LCU in these five minutes: a backlog then goes on later. What waits for it
 * beside polls comes last.
 * @param onFirst told the outcome of the first poll
 */
export async function runRound(
  session: Session,
  deps: RoundDeps,
  onFirst?: (first: Result<Taken>) => void,
): Promise<RoundOutcome> {
  const { holdingOf, heldToAsk, telling, over } = deps;
  const { epoch } = session.hello;
  const tried = new Tried();
  session.chains.begin();
  const fillFirst = islandsFull(epoch, heldToAsk) ? missing(session, deps, tried) : undefined;
  const tellFirst = telling(epoch, 1, Infinity);
  const before = tellFirst === undefined || tellFirst === 'enough' ? fillFirst : tellFirst;
  const first = await ask(before ?? wantNewest(epoch, heldToAsk), session, deps, tried);
  onFirst?.(first);
  let entriesStored = storedBy(first);
  let polls = 1;
  let last: Result<Taken> | Refusal = first;
  let isForked = false;
  while ((last.ok || isFork(last)) && tried.vainPolls < VAIN_POLLS && !over()) {
    const lacked = missing(session, deps, tried);
    const want = lacked ?? wantDoubted(session, tried);
    const acks = !want && owesAcks(session, holdingOf, tried);
    if (!want && !acks && !owesWord(session, deps, tried)) break;
    last = await ask(want ?? wantNewest(epoch, heldToAsk), session, deps, tried);
    polls++;
    entriesStored += storedBy(last);
    isForked ||= isFork(last);
    if (acks || filledBy(last) > 0 || (last.ok && last.value.recognised)) continue;
    tried.vainPolls++;
    if (!want && !last.ok) break;
    if (!want) continue;
    const upTo = lacked && inVainBefore(lacked, tried.inVain.get(toHex(want[1])) ?? 0, session, deps);
    tried.inVainUpTo(want[1], upTo ?? Infinity);
    if (last.ok && lacked && isListed(lacked, session.openEpochs)) deps.heldBack(lacked);
    if (last.ok && upTo === undefined && isOwed(want[1], session)) session.gone.add(toHex(want[1]));
  }
  if (last.ok) for (const want of untold(session, heldToAsk)) if (isSaid(want, tried.said)) deps.heldBack(want);
  const orders = isAnswered(last) ? deps.bringOrders() : undefined;
  if (orders) await orders;
  const good = !isForked && (last.ok || (last !== first && last.code === 'ledger-slot-full'));
  return { first, polls, entriesStored, good };
}

/**
 * Polls of a round that may bring nothing: an LCU that lists and tells with each answer what it did not before would else be polled as fast
 * as it answers, and one whose answers are refused be told for the whole round what it cannot be told.
 */
export const VAIN_POLLS = 256;

/** What a round has tried. Most rounds are one poll, and keep nothing here. */
class Tried {
  #inVain: Map<string, number> | undefined;
  #acked: Map<string, number> | undefined;
  /** Polls that brought nothing, neither entries nor the word that they are gone. */
  vainPolls = 0;
  /** The acks of the poll that was answered last. */
  said: readonly Ack[] = NO_ACKS;

  /** Epochs that gave nothing, in hexadecimal, and up to which entry they are not asked again. */
  get inVain(): ReadonlyMap<string, number> {
    return this.#inVain ?? NONE;
  }

  /** An epoch gave nothing. */
  inVainUpTo(epoch: Uint8Array, n: number): void {
    (this.#inVain ??= new Map()).set(toHex(epoch), n);
  }

  /** Past epochs were acknowledged as far as they are stored, or as far as a head is known that the LCU has as well. */
  acknowledged({ openEpochs, hello }: Session, holdingOf: HoldingOf): void {
    for (const [epoch, , last] of openEpochs) {
      if (sameBytes(epoch, hello.epoch)) continue;
      (this.#acked ??= new Map()).set(toHex(epoch), Math.min(last, holdingOf(epoch).mark.n));
    }
  }

  /** Up to which entry a past epoch was acknowledged; 0 when it was not. */
  ackOf(epoch: Uint8Array): number {
    return this.#acked?.get(toHex(epoch)) ?? 0;
  }
}

const NONE: ReadonlyMap<string, number> = new Map();
const NO_ACKS: readonly Ack[] = [];

/** A branch too many of one epoch: what else the LCU has is asked all the same. */
function isFork(last: Result<Taken>): boolean {
  return !last.ok && last.code === 'chain-fork';
}

/** Whether what came for the last poll was a good answer, stored or not: the next frame is then not one that is late for it. */
function isAnswered(last: Result<Taken>): boolean {
  return last.ok || last.code === 'ledger-slot-full' || last.code === 'chain-fork';
}

async function ask(want: Want, session: Session, deps: RoundDeps, tried: Tried): Promise<Result<Taken>> {
  const acks = acksOf(session, deps);
  tried.acknowledged(session, deps.holdingOf);
  const result = await deps.pollOnce(acks, want);
  if (result.ok) tried.said = acks;
  return result;
}

function missing(session: Session, deps: RoundDeps, { inVain }: Tried): Want | undefined {
  return (
    wantOwed(owedBy(session, deps), session, deps, inVain) ??
    wantMissing(session.openEpochs, deps.heldToAsk, inVain, deps.telling) ??
    wantBytes(session, deps, inVain)
  );
}

/**
 * What an LCU lists and another unit told as gone it may still have: its bytes are asked. What it tells as gone itself is
 * not.
 */
function wantBytes(session: Session, deps: RoundDeps, inVain: ReadonlyMap<string, number>): Want | undefined {
  for (const [epoch, first, last] of session.openEpochs) {
    const told = toldByAnother(epoch, first, last, session, deps.bytelessIn);
    if (told && !inVain.has(toHex(epoch))) return [WANT.range, epoch, told.from - 1, told.to + 1];
  }
  return undefined;
}

/**
 * The last entry of a past epoch that an LCU lists still, though it was acknowledged up to there: what is stored under that number
 * may be of another unit, and its own be asked by nobody. Once in a connection, since an LCU may be unable to note acks.
 */
function wantDoubted({ openEpochs, hello, doubted }: Session, tried: Tried): Want | undefined {
  for (const [epoch, first, last] of openEpochs) {
    const name = toHex(epoch);
    if (first > last || sameBytes(epoch, hello.epoch) || tried.ackOf(epoch) < last || doubted.has(name)) continue;
    doubted.add(name);
    return [WANT.range, epoch, last - 1, last + 1];
  }
  return undefined;
}

function storedBy(result: Result<Taken>): number {
  return result.ok ? result.value.entriesStored : 0;
}

/** A hole may be filled by entries, or by the word that they are gone. */
function filledBy(result: Result<Taken>): number {
  return result.ok ? result.value.entriesStored + result.value.entriesGone : 0;
}

/**
 * Whether the LCU lists a past epoch that is stored whole and was not acknowledged in this round: an LCU lists only some of
 * thousands of epochs, and those that wait behind them come to the list when these go.
 */
function owesAcks({ openEpochs, hello }: Session, holdingOf: HoldingOf, tried: Tried): boolean {
  return openEpochs.some(([epoch, , last]) => {
    if (sameBytes(epoch, hello.epoch)) return false;
    return holdingOf(epoch).mark.n >= last && tried.ackOf(epoch) < last;
  });
}

/** Whether the LCU is yet to be told by an ack of what it released and is not stored here, so that it can tell that as gone. */
function owesWord(session: Session, deps: RoundDeps, { said }: Tried): boolean {
  const holes = untold(session, deps.heldToAsk).filter((hole) => !isSaid(hole, said));
  if (holes.length === 0) return false;
  const acks = acksOf(session, deps);
  return holes.some((hole) => isSaid(hole, acks));
}
