import { sameBytes } from '@farola/shared';
import type { OwnedSpan, StoredPiece } from '../ledger/ledger-month.js';

/** What is told of entries that are gone though a poll acknowledged them. */
export const ACKNOWLEDGED = 'acknowledged by a later poll';

/** What tables say that a chain holds, from entry 1 on. */
export interface Covered {
  /** Parts between entry 1 and the last one that nothing covers. */
  readonly holes: readonly OwnedSpan[];
  /** Highest entry that is covered. */
  readonly last: number;
}

/** One chain of an epoch, as it is held against an ack. */
export interface CoveredChain extends Covered {
  /** h(n) by the entries of the chain itself; undefined where none tell it, or where they cannot be read. */
  readonly headAt: (n: number) => Uint8Array | undefined;
}

/** An ack of an epoch: all up to n was stored, with this h(n). */
export interface EpochAck {
  readonly n: number;
  readonly head: Uint8Array;
}

/** What pieces of a chain cover. @param pieces ascending */
export function coveredBy(pieces: readonly StoredPiece[]): Covered {
  const holes: OwnedSpan[] = [];
  let last = 0;
  for (const { from, to } of pieces) {
    if (from > last + 1) holes.push({ from: last + 1, to: from - 1 });
    last = Math.max(last, to);
  }
  return { holes, last };
}

/**
 * Whether an ack says that a chain had all up to n, and no other one has what was acknowledged. Units that are told apart late are
 * acknowledged by one chain, and what they answer may go to another: what that one lacks was then never said to be there.
 * @param others the other chains of the epoch
 * @param cameToIt whether the poll with the ack stands with the chain: then it is of it where no chain tells h(n)
 */
export function saysItHad(ack: EpochAck, chain: CoveredChain, others: readonly CoveredChain[], cameToIt: boolean): boolean {
  const own = chain.headAt(ack.n);
  if (own && !sameBytes(own, ack.head)) return false;
  if (others.some((other) => isWhole(other, ack) && !contradicts(other, ack))) return false;
  return own !== undefined || (cameToIt && !others.some((other) => knows(other, ack)));
}

function isWhole({ holes, last }: Covered, { n }: EpochAck): boolean {
  return last >= n && !holes.some(({ from }) => from <= n);
}

function contradicts({ headAt }: CoveredChain, { n, head }: EpochAck): boolean {
  const held = headAt(n);
  return held !== undefined && !sameBytes(held, head);
}

function knows({ headAt }: CoveredChain, { n, head }: EpochAck): boolean {
  const held = headAt(n);
  return held !== undefined && sameBytes(held, head);
}
