import { type Ack, chainSeed } from '@farola/shared';
import type { Span } from '../ledger/spans.js';
import type { HoldingOf } from './choose-want.js';
import type { Session } from './session.js';
import { type BytelessIn, toldByAnother } from './told-by-another.js';

/** What acks are made from. */
export interface AckDeps {
  /** What is acknowledged. */
  readonly holdingOf: HoldingOf;
  /** h(n) of an epoch, undefined where it is not known. */
  readonly headAt: (epoch: Uint8Array, n: number) => Uint8Array | undefined;
  /** Asked in each round, of most epochs it costs nothing. */
  readonly bytelessIn: BytelessIn;
  /**
   * Whether what comes before the entries first..last that a unit lists of an epoch may be stored though it is not found: of a forked
   * epoch, as long as something that it lists can show its chain.
   */
  readonly mayBeHere: (epoch: Uint8Array, first: number, last: number) => boolean;
}

/** One ack for each epoch that the LCU holds and of which the collector has the beginning, or the LCU has not. */
export function acksOf(session: Session, deps: AckDeps): Ack[] {
  const acks: Ack[] = [];
  const { openEpochs, hello } = session;
  const add = (epoch: Uint8Array, from: number, last: number): void =>
    addAck(acks, epoch, { from, to: upTo(epoch, from, last, session, deps) }, session, deps);
  if (openEpochs.length === 0) add(hello.epoch, 1, Number.MAX_SAFE_INTEGER);
  for (const [epoch, first, last] of openEpochs) add(epoch, first, last);
  return acks;
}

/** What an LCU has is acknowledged to it up to where its bytes are held: it deletes what is acknowledged. */
function upTo(epoch: Uint8Array, first: number, last: number, session: Session, { bytelessIn }: AckDeps): number {
  const told = toldByAnother(epoch, first, last, session, bytelessIn);
  return told ? told.from - 1 : last;
}

/**
 * An LCU whose disk lost its last commits knows the head of none that it lost: it is told that of the last that it has. One that
 * has released the beginning of an epoch which is not here is told so by 0, and tells that as gone (docs/decisions/039).
 */
function addAck(acks: Ack[], epoch: Uint8Array, listed: Span, { lcu }: Session, deps: AckDeps): void {
  const { holdingOf, headAt, mayBeHere } = deps;
  const holding = holdingOf(epoch);
  const { n, head } = holding.mark;
  if (!head) {
    if (listed.from > 1 && (holding.last > 0 || !mayBeHere(epoch, listed.from, listed.to)))
      acks.push([epoch, 0, chainSeed(lcu.lcuId, epoch)]);
    return;
  }
  if (n <= listed.to) return void acks.push([epoch, n, head]);
  const known = listed.to > 0 ? headAt(epoch, listed.to) : undefined;
  if (known) acks.push([epoch, listed.to, known]);
}
