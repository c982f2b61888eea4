import { sameBytes } from '@farola/shared';
import { type Span, without } from '../ledger/spans.js';
import type { Session } from './session.js';

/** The parts of an epoch that a gap covers and no bytes, ascending. */
export type BytelessIn = (epoch: Uint8Array, from: number, to: number) => readonly Span[];

/** The first part of what an LCU lists of an epoch that is held as gone, and that it did not tell as gone itself. */
export function toldByAnother(
  epoch: Uint8Array,
  first: number,
  last: number,
  session: Pick<Session, 'gaps'>,
  bytelessIn: BytelessIn,
): Span | undefined {
  const byteless = bytelessIn(epoch, first, last);
  return byteless.length === 0 ? undefined : without(byteless, ownGaps(epoch, session))[0];
}

/** What an LCU tells as gone of an epoch. */
export function ownGaps(epoch: Uint8Array, { gaps }: Pick<Session, 'gaps'>): readonly Span[] {
  return gaps.filter(([of]) => sameBytes(of, epoch)).map(([, from, to]) => ({ from, to }));
}
