import {
  type Ack,
  chainSeed,
  type OpenEpoch,
  type Refusal,
  type Result,
  sameBytes,
  toHex,
  WANT,
  type Want,
} from '@farola/shared';
import { type HoldingOf, islandsFull, wantMissing, wantNewest, type WantTelling } from './choose-want.js';
import { owedEpochs, type PreviousOf } from './owed-epochs.js';
import { type Span, without } from '../ledger/spans.js';
import type { Session } from './session.js';
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
export interface RoundDeps {
  /** What is acknowledged, and what an epoch is asked against: they differ while its unit may be of several chains. */
  readonly holdingOf: HoldingOf;
  readonly heldToAsk: HoldingOf;
  readonly previousOf: PreviousOf;
  /** h(n) of an epoch, undefined where it is not known. */
  readonly headAt: (epoch: Uint8Array, n: number) => Uint8Array | undefined;
  /** The parts of an epoch that a gap covers and no bytes, ascending; asked in each round, of most epochs it costs nothing. */
  readonly bytelessIn: (epoch: Uint8Array, from: number, to: number) => readonly Span[];
  readonly pollOnce: PollOnce;
  /** Brings what waits for the LCU beside polls; undefined when nothing does. */
  readonly bringOrders: () => Promise<void> | undefined;
  readonly telling: WantTelling;
  /** Told of a hole that the LCU lists and was asked in vain, and of one that it neither lists nor tells as gone. */
  readonly heldBack: (want: Want) => void;
  /** Whether the next round is due. */
  readonly over: () => boolean;
}

/**
 * One round of one LCU: the newest first, then what is missing, oldest first, until nothing is missing and past epochs that
 * are stored whole are acknowledged, an answer is not good, `over` says that the next round is due, or the ledger takes no
 * more of this LCU in these five minutes: a backlog then goes on later. What waits for it beside polls comes last.
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
  while ((last.ok || isFork(last)) && !over()) {
    const lacked = missing(session, deps, tried);
    const want = lacked ?? wantDoubted(session, tried);
    if (!want && !owesAcks(session, holdingOf, tried)) break;
    last = await ask(want ?? wantNewest(epoch, heldToAsk), session, deps, tried);
    polls++;
    entriesStored += storedBy(last);
    isForked ||= isFork(last);
    if (!want || filledBy(last) > 0 || (last.ok && last.value.recognised)) continue;
    tried.stuckAt(want[1]);
    if (last.ok && lacked && isListed(lacked, session.openEpochs)) deps.heldBack(lacked);
    if (last.ok && isOwed(want[1], session)) session.gone.add(toHex(want[1]));
  }
  if (last.ok) for (const want of untold(session, deps)) deps.heldBack(want);
  const orders = isAnswered(last) ? deps.bringOrders() : undefined;
  if (orders) await orders;
  const good = !isForked && (last.ok || (last !== first && last.code === 'ledger-slot-full'));
  return { first, polls, entriesStored, good };
}

/** What a round has tried. Most rounds are one poll, and keep nothing here. */
class Tried {
  #stuck: Set<string> | undefined;
  #acked: Map<string, number> | undefined;

  /** Epochs that gave nothing, in hexadecimal. */
  get stuck(): ReadonlySet<string> {
    return this.#stuck ?? NONE;
  }

  /** An epoch gave nothing. */
  stuckAt(epoch: Uint8Array): void {
    (this.#stuck ??= new Set()).add(toHex(epoch));
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

const NONE: ReadonlySet<string> = new Set();

/** A branch too many of one epoch: what else the LCU has is asked all the same. */
function isFork(last: Result<Taken>): boolean {
  return !last.ok && last.code === 'chain-fork';
}

/** Whether what came for the last poll was a good answer, stored or not: the next frame is then not one that is late for it. */
function isAnswered(last: Result<Taken>): boolean {
  return last.ok || last.code === 'ledger-slot-full' || last.code === 'chain-fork';
}

function ask(want: Want, session: Session, deps: RoundDeps, tried: Tried): Promise<Result<Taken>> {
  const acks = acksOf(session, deps);
  tried.acknowledged(session, deps.holdingOf);
  return deps.pollOnce(acks, want);
}

function missing(session: Session, deps: RoundDeps, { stuck }: Tried): Want | undefined {
  return wantMissing(lackedBy(session, deps), deps.heldToAsk, stuck, deps.telling) ?? wantBytes(session, deps, stuck);
}

/**
 * What an LCU lists and another unit told as gone it may still have: its bytes are asked. What it tells as gone itself is
 * not.
 */
function wantBytes(session: Session, deps: RoundDeps, stuck: ReadonlySet<string>): Want | undefined {
  for (const [epoch, first, last] of session.openEpochs) {
    const told = toldByAnother(epoch, first, last, session, deps);
    if (told && !stuck.has(toHex(epoch))) return [WANT.range, epoch, told.from - 1, told.to + 1];
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

/** The first part of what an LCU lists of an epoch that is held as gone, and that it did not tell as gone itself. */
function toldByAnother(
  epoch: Uint8Array,
  first: number,
  last: number,
  { gaps }: Session,
  { bytelessIn }: RoundDeps,
): Span | undefined {
  const byteless = bytelessIn(epoch, first, last);
  if (byteless.length === 0) return undefined;
  const own = gaps.filter(([of]) => sameBytes(of, epoch)).map(([, from, to]) => ({ from, to }));
  return without(byteless, own)[0];
}

/** Of each epoch, what an LCU neither lists, being below the first that it has, nor told as gone, and what is not stored. */
function untold({ openEpochs }: Session, { heldToAsk }: RoundDeps): readonly Want[] {
  return openEpochs.flatMap(([epoch, first]): readonly Want[] => {
    const hole = first > 1 ? heldToAsk(epoch).missing(1, first - 1)[0] : undefined;
    return hole ? [[WANT.range, epoch, hole.from - 1, hole.to + 1]] : NO_WANTS;
  });
}

const NO_WANTS: readonly Want[] = [];

/** The epochs to look for holes in: those that start entries name and the collector lost, then those that the LCU lists. */
function lackedBy(session: Session, { previousOf, heldToAsk }: RoundDeps): readonly OpenEpoch[] {
  session.owed = session.owed.map((walk) => owedEpochs(walk, previousOf, heldToAsk));
  const owed = session.owed.flatMap(({ epochs }) => epochs);
  if (owed.length === 0) return session.openEpochs;
  return [...owed.filter(([epoch]) => !session.gone.has(toHex(epoch))), ...session.openEpochs];
}

function storedBy(result: Result<Taken>): number {
  return result.ok ? result.value.entriesStored : 0;
}

/** A hole may be filled by entries, or by the word that they are gone. */
function filledBy(result: Result<Taken>): number {
  return result.ok ? result.value.entriesStored + result.value.entriesGone : 0;
}

/** Those that an LCU lists are asked again in each round, as often as it lists them: only the others are to be remembered. */
function isOwed(epoch: Uint8Array, { owed }: Session): boolean {
  return owed.some(({ epochs }) => epochs.some(([one]) => sameBytes(one, epoch)));
}

/** One ack for each epoch that the LCU holds and of which the collector has the beginning. */
function acksOf(session: Session, deps: RoundDeps): Ack[] {
  const acks: Ack[] = [];
  const { openEpochs, hello } = session;
  const add = (epoch: Uint8Array, from: number, last: number): void =>
    addAck(acks, epoch, { from, to: upTo(epoch, from, last, session, deps) }, session, deps);
  if (openEpochs.length === 0) add(hello.epoch, 1, Number.MAX_SAFE_INTEGER);
  for (const [epoch, first, last] of openEpochs) add(epoch, first, last);
  return acks;
}

/** What an LCU has is acknowledged to it up to where its bytes are held: it deletes what is acknowledged. */
function upTo(epoch: Uint8Array, first: number, last: number, session: Session, deps: RoundDeps): number {
  const told = toldByAnother(epoch, first, last, session, deps);
  return told ? told.from - 1 : last;
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

/**
 * An LCU whose disk lost its last commits knows the head of none that it lost: it is told that of the last that it has. One that
 * has released the beginning of an epoch which is not here is told so by 0, and tells that as gone (docs/decisions/039).
 */
function addAck(acks: Ack[], epoch: Uint8Array, listed: Span, { lcu }: Session, { holdingOf, headAt }: RoundDeps): void {
  const holding = holdingOf(epoch);
  const { n, head } = holding.mark;
  if (!head) {
    if (listed.from > 1 && holding.last > 0) acks.push([epoch, 0, chainSeed(lcu.lcuId, epoch)]);
    return;
  }
  if (n <= listed.to) return void acks.push([epoch, n, head]);
  const known = listed.to > 0 ? headAt(epoch, listed.to) : undefined;
  if (known) acks.push([epoch, listed.to, known]);
}
