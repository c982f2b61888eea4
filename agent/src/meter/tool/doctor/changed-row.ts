import type { Profile, ProfileRow, RegisterPart } from '../../profile/profile.js';
import { lengthOf } from '../../profile/register-type.js';
import type { RegisterAnswers } from '../read-registers.js';
import { wordsAt } from '../read-registers.js';
import { numberIn, orderOf, ordersOf, plainNumber } from '../register-order.js';
import type { RegisterOrder } from '../register-order.js';

/** What is changed of a row: where it lies, and in which order. */
export interface RowChange {
  /** Registers further. */
  readonly offset: number;
  readonly order: RegisterOrder;
}

/** The order in which a row is read. */
export function orderOfRow(row: ProfileRow, profile: Pick<Profile, 'wordOrder' | 'byteOrder'>): RegisterOrder {
  return orderOf({ wordOrder: row.wordOrder ?? profile.wordOrder, byteOrder: row.byteOrder ?? profile.byteOrder });
}

/** The value of a changed row in the unit of its quantity; undefined where its registers are refused, or hold no number. */
export function changedValue(row: ProfileRow, { offset, order }: RowChange, answers: RegisterAnswers): number | undefined {
  const of = (part: RegisterPart): number | undefined => {
    const words = wordsAt(answers, part.addr + offset, lengthOf(part));
    const exact = words && numberIn(words, part.type, order);
    return exact && plainNumber(exact) * part.scale;
  };
  if (!('composite' in row)) return of(row);
  const [high, low] = [of(row.composite.high), of(row.composite.low)];
  return high === undefined || low === undefined ? undefined : high + low;
}

/** The row with a change, and its scales by a power of ten. It names its order where that is not that of the profile. */
export function changedRow(
  row: ProfileRow,
  { offset, order }: RowChange,
  power: number,
  profile: Pick<Profile, 'wordOrder' | 'byteOrder'>,
): ProfileRow {
  const { wordOrder, byteOrder } = ordersOf(order);
  const part = (one: RegisterPart): RegisterPart => ({ ...one, addr: one.addr + offset, scale: Number(`${one.scale}e${power}`) });
  const { wordOrder: _word, byteOrder: _byte, ...rest } = row;
  const orders = {
    ...(wordOrder === profile.wordOrder ? {} : { wordOrder }),
    ...(byteOrder === profile.byteOrder ? {} : { byteOrder }),
  };
  if (!('composite' in rest)) return { ...rest, ...orders, ...part(rest) };
  const { high, low, ...composite } = rest.composite;
  return { ...rest, ...orders, composite: { ...composite, high: part(high), low: part(low) } };
}
