import { counted, FarolaError, shownValue, type TypedWords } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';

const AGAIN = 'type all six again, as the technician reads them';

/**
 * Lets through the words of a key. What a slip can be is told as one, with what is wrong: an alarm at each mistyped letter would be believed by
 * nobody. Errors: `words-mistyped`, `words-differ`.
 */
export function checkWords({ lcuId, panel }: Pick<Lcu, 'lcuId' | 'panel'>, typed: TypedWords): void {
  const mistyped = (reason: string, remedy = AGAIN): FarolaError =>
    new FarolaError('words-mistyped', { lcu: lcuId, reason, remedy });
  switch (typed.are) {
    case 'same':
      return;
    case 'miscounted':
      throw mistyped(`${counted(typed.count, 'word was', 'words were')} typed`, `${AGAIN}, between one pair of quotes`);
    case 'unlisted': {
      const [first, ...others] = typed.words.map((one) => `word ${one.place}, \`${shownValue(one.typed)}\``);
      const which = others.length === 0 ? `${first ?? ''}, is` : `${[first, ...others].join('; ')}, are`;
      throw mistyped(`${which} not on the list that all such words are of`);
    }
    case 'disordered':
      throw mistyped('they are its words in another order');
    case 'one-off': {
      const ask = `ask the technician for word ${typed.place} again; if it stays the same, do not approve`;
      throw mistyped(`word ${typed.place} is another one, and the five others are right`, ask);
    }
    case 'differ':
      throw new FarolaError('words-differ', { lcu: lcuId, panel });
  }
}
