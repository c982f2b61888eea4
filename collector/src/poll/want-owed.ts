import { type PreviousEpoch, sameBytes, toHex, WANT, type Want } from '@farola/shared';
import { type Span, without } from '../ledger/spans.js';
import type { HoldingOf } from './choose-want.js';
import { type IsWhole, owedEpochs, type PreviousOf } from './owed-epochs.js';
import type { Session } from './session.js';
import { type BytelessIn, ownGaps } from './told-by-another.js';
import { isListed } from './withheld.js';

/** What finding owed epochs works with. */
export interface OwedDeps {
  /** What an epoch is asked against: it differs from what is acknowledged while its unit may be of several chains. */
  readonly heldToAsk: HoldingOf;
  readonly previousOf: PreviousOf;
  readonly isWhole: IsWhole;
  readonly bytelessIn: BytelessIn;
}

/** The epochs that start entries name and the collector lost, oldest first, but for those that the LCU no longer has. */
export function owedBy(session: Session, { previousOf, isWhole }: OwedDeps): readonly PreviousEpoch[] {
  const isGone = (epoch: Uint8Array): boolean => session.gone.has(toHex(epoch));
  session.owed = session.owed.map((walk) => owedEpochs(walk, previousOf, isWhole, isGone));
  return session.owed.flatMap(({ epochs }) => epochs).filter(({ epoch }) => !isGone(epoch));
}

/**
 * What is stored of an owed epoch is of another unit: its last entry is asked, by which its own chain begins, or by which it shares the
 * other's; and then what that told as gone before it, the newest first, since the LCU itself may have told the older.
 */
export function wantOwn(
  owed: readonly PreviousEpoch[],
  session: Session,
  deps: OwedDeps,
  inVain: ReadonlyMap<string, number>,
): Want | undefined {
  const other = owed.find(({ epoch, n }) => !inVain.has(toHex(epoch)) && deps.heldToAsk(epoch).missing(1, n).length === 0);
  if (!other) return undefined;
  const { epoch, n } = other;
  const told = without(deps.bytelessIn(epoch, 1, n), ownGaps(epoch, session)).at(-1);
  return told && told.to < n ? [WANT.range, epoch, told.from - 1, told.to + 1] : [WANT.range, epoch, n - 1, n + 1];
}

/**
 * The next hole of an owed epoch behind one of which nothing came: what the LCU released or lost in its midst hides nothing that it still
 * has. Undefined where there is none, and of what the LCU lists: that is asked again in each round.
 */
export function holeBehind(want: Want, session: Session, { heldToAsk }: OwedDeps): Span | undefined {
  if (want[0] !== WANT.range || isListed(want, session.openEpochs)) return undefined;
  const [, epoch, , before] = want;
  const named = session.owed.flatMap(({ epochs }) => epochs).find((one) => sameBytes(one.epoch, epoch));
  if (!named || before > named.n) return undefined;
  return heldToAsk(epoch).missing(before, named.n)[0];
}

/** Those that an LCU lists are asked again in each round, as often as it lists them: only the others are to be remembered. */
export function isOwed(epoch: Uint8Array, { owed }: Session): boolean {
  return owed.some(({ epochs }) => epochs.some((one) => sameBytes(one.epoch, epoch)));
}
