import type { Profile, ProfileRow, RegisterPart } from '../../profile/profile.js';
import { lengthOf } from '../../profile/register-type.js';
import type { NumberType } from '../../profile/register-type.js';
import type { RegisterAnswers } from '../read-registers.js';
import { wordsAt } from '../read-registers.js';
import { numberIn, orderOf, ordersOf, plainNumber } from '../register-order.js';
import type { RegisterOrder } from '../register-order.js';

/** What is changed of a row: where it lies, in which order, and as what. */
export interface RowChange {
  /** Registers further. */
  readonly offset: number;
  readonly order: RegisterOrder;
  /** That of the row when it is not told; not of a counter in two registers. */
  readonly type?: NumberType | undefined;
}

/** The order in which a row is read. */
export function orderOfRow(row: ProfileRow, profile: Pick<Profile, 'wordOrder' | 'byteOrder'>): RegisterOrder {
  return orderOf({ wordOrder: row.wordOrder ?? profile.wordOrder, byteOrder: row.byteOrder ?? profile.byteOrder });
}

/** The value of a changed row in the unit of its quantity; undefined where its registers are refused, or hold no number. */
export function changedValue(row: ProfileRow, { offset, order, type }: RowChange, answers: RegisterAnswers): number | undefined {
  const of = (part: RegisterPart): number | undefined => {
    const words = wordsAt(answers, part.addr + offset, lengthOf(part));
    const exact = words && numberIn(words, part.type, order);
    return exact && plainNumber(exact) * part.scale;
  };
  if (!('composite' in row)) return of(typed(row, type));
  const [high, low] = [of(row.composite.high), of(row.composite.low)];
  return high === undefined || low === undefined ? undefined : high + low;
}

/** A number of another type: of decimal digits it takes as many registers as before. */
function typed<Part extends RegisterPart>(part: Part, type: NumberType | undefined): Part {
  if (type === undefined || type === part.type) return part;
  const { registers: _registers, ...rest } = part;
  return { ...rest, type, ...(type === 'bcd' ? { registers: lengthOf(part) } : {}) } as Part;
}

/** The row with a change, and its scales by a power of ten. It names its order where that is not that of the profile. */
export function changedRow(
  row: ProfileRow,
  { offset, order, type }: RowChange,
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
  if (!('composite' in rest)) return { ...typed(rest, type), ...orders, ...part(typed(rest, type)) };
  const { high, low, ...composite } = rest.composite;
  return { ...rest, ...orders, composite: { ...composite, high: part(high), low: part(low) } };
}
