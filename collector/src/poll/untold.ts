import { type Ack, EPOCH_LIST_LIMIT, type OpenEpoch, sameBytes, WANT, type Want } from '@farola/shared';
import { without } from '../ledger/spans.js';
import type { HoldingOf } from './choose-want.js';
import type { Session } from './session.js';
import { ownGaps } from './told-by-another.js';

/** A hole as it would be asked. */
export type RangeWant = Extract<Want, readonly [typeof WANT.range, ...unknown[]]>;

/** What an LCU told of itself with its last answer. */
type Told = Pick<Session, 'openEpochs' | 'gaps'>;

/**
 * The first part of each epoch that an LCU neither lists, being below the first that it has, nor tells as gone, and that is not
 * stored. Of epochs behind those whose gaps fill the list it cannot tell any.
 */
export function untold(told: Told, heldToAsk: HoldingOf): readonly RangeWant[] {
  const { openEpochs } = told;
  if (openEpochs.every(([, first]) => first === 1)) return NONE;
  return whoseGapsCanBeTold(told).flatMap(([epoch, first]): readonly RangeWant[] => {
    const [hole] = first > 1 ? without(heldToAsk(epoch).missing(1, first - 1), ownGaps(epoch, told)) : NONE;
    return hole ? [[WANT.range, epoch, hole.from - 1, hole.to + 1]] : NONE;
  });
}

const NONE: readonly never[] = [];

/** Whether an ack told the LCU that a hole is not stored: what it released it tells as gone only then (docs/decisions/039). */
export function isSaid([, epoch, after]: RangeWant, acks: readonly Ack[]): boolean {
  return acks.some(([of, n]) => n <= after && sameBytes(of, epoch));
}

/** Gaps come in the order of the epochs, the oldest first, as many as one answer takes. */
function whoseGapsCanBeTold({ openEpochs, gaps }: Told): readonly OpenEpoch[] {
  const last = gaps.length < EPOCH_LIST_LIMIT ? undefined : gaps[gaps.length - 1];
  if (!last) return openEpochs;
  return openEpochs.slice(0, openEpochs.findIndex(([epoch]) => sameBytes(epoch, last[0])) + 1);
}
