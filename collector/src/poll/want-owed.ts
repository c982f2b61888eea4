import { type PreviousEpoch, sameBytes, toHex, WANT, type Want } from '@farola/shared';
import { without } from '../ledger/spans.js';
import type { HoldingOf, WantTelling } from './choose-want.js';
import { type IsWhole, owedEpochs, type PreviousOf } from './owed-epochs.js';
import type { Session } from './session.js';
import { type BytelessIn, ownGaps } from './told-by-another.js';
import type { RangeWant } from './untold.js';
import { isListed } from './withheld.js';

/** What finding owed epochs works with. */
export interface OwedDeps {
  /** What an epoch is asked against: it differs from what is acknowledged while its unit may be of several chains. */
  readonly heldToAsk: HoldingOf;
  readonly previousOf: PreviousOf;
  readonly isWhole: IsWhole;
  /** Whether a chain has the last entry that a start entry names, with the head that it names. */
  readonly isEndHeld: IsWhole;
  readonly bytelessIn: BytelessIn;
  readonly telling: WantTelling;
}

/** The epochs that start entries name and the collector lost, oldest first, but for those that the LCU no longer has. */
export function owedBy(session: Session, { previousOf, isWhole }: OwedDeps): readonly PreviousEpoch[] {
  const isGone = (epoch: Uint8Array): boolean => session.gone.has(toHex(epoch));
  session.owed = session.owed.map((walk) => owedEpochs(walk, previousOf, isWhole, isGone));
  return session.owed.flatMap(({ epochs }) => epochs).filter(({ epoch }) => !isGone(epoch));
}

/** What to ask of owed epochs, the oldest first; undefined when nothing is left in this round. */
export function wantOwed(
  owed: readonly PreviousEpoch[],
  session: Session,
  deps: OwedDeps,
  inVain: ReadonlyMap<string, number>,
): Want | undefined {
  for (const named of owed) {
    const want = nextOf(named, (inVain.get(toHex(named.epoch)) ?? 0) + 1, session, deps);
    if (want) return want;
  }
  return undefined;
}

/**
 * What to ask of an owed epoch, from an entry on. Where another unit ended it otherwise, its last entry, once in a connection: by that its
 * own chain begins, or it shares the other's. Then what is missing, and, where another unit is of the chain too, what that told as gone.
 */
function nextOf(named: PreviousEpoch, from: number, session: Session, deps: OwedDeps): Want | undefined {
  const { epoch, n } = named;
  if (from > n) return undefined;
  const telling = deps.telling(epoch, from, n);
  if (telling) return telling === 'enough' ? undefined : telling;
  if (endsOtherwise(named, deps) && !session.doubted.has(toHex(epoch))) return lastOf(named);
  const held = deps.heldToAsk(epoch);
  const missing = held.missing(from, n);
  const told = held.last > n ? without(deps.bytelessIn(epoch, from, n), ownGaps(epoch, session)) : [];
  const [next] = [...missing, ...told].sort((a, b) => a.from - b.from);
  return next && [WANT.range, epoch, next.from - 1, next.to + 1];
}

/** Whether what is stored under the last number of an owed epoch is another unit's. */
function endsOtherwise(named: PreviousEpoch, { heldToAsk, isEndHeld }: OwedDeps): boolean {
  return heldToAsk(named.epoch).missing(named.n, named.n).length === 0 && !isEndHeld(named);
}

function lastOf({ epoch, n }: PreviousEpoch): RangeWant {
  return [WANT.range, epoch, n - 1, n + 1];
}

/**
 * Up to which entry an owed epoch was asked in vain, where something is left to be asked of it behind: what the LCU released or lost in
 * its midst hides nothing that it still has. Undefined where nothing is left, and of what the LCU lists: that is asked again in each round.
 * @param want what gave nothing
 * @param upTo up to which entry the epoch was asked in vain before that
 */
export function inVainBefore(want: Want, upTo: number, session: Session, deps: OwedDeps): number | undefined {
  if (want[0] !== WANT.range || isListed(want, session.openEpochs)) return undefined;
  const [, epoch, after, before] = want;
  const named = session.owed.flatMap(({ epochs }) => epochs).find((one) => sameBytes(one.epoch, epoch));
  if (!named) return undefined;
  const isLast = after === named.n - 1 && endsOtherwise(named, deps);
  if (isLast) session.doubted.add(toHex(epoch));
  const next = isLast ? upTo : before - 1;
  return nextOf(named, next + 1, session, deps) && next;
}

/** Those that an LCU lists are asked again in each round, as often as it lists them: only the others are to be remembered. */
export function isOwed(epoch: Uint8Array, { owed }: Session): boolean {
  return owed.some(({ epochs }) => epochs.some((one) => sameBytes(one.epoch, epoch)));
}
