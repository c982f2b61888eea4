import { type Facts, sameBytes, toHex, WANT, type Want } from '@farola/shared';

/** Rounds in which a hole is asked in vain before it is told. */
const ROUNDS = 3;
/** Epochs of one LCU of which holes are counted: those that it lists at a time. */
const EPOCHS = 64;

/** A hole that was asked in vain. */
interface Hole {
  readonly from: number;
  rounds: number;
}

/**
 * Entries that LCUs list, and do not deliver although they are asked again and again: who holds back the hours that cost money
 * signs by that itself that it has them. Counted over connections, since an LCU may begin a new one at will.
 */
export class Withheld {
  readonly #holes = new Map<number, Map<string, Hole>>();

  /** Takes in that a range was asked and nothing came; gives what there is to tell of it, once of each hole. */
  asked(lcuNo: number, want: Want): Facts | undefined {
    if (want[0] !== WANT.range) return undefined;
    const [, epoch, after, before] = want;
    const name = toHex(epoch);
    const holes = this.#of(lcuNo);
    const known = holes.get(name);
    const hole = known?.from === after + 1 ? known : { from: after + 1, rounds: 0 };
    holes.delete(name);
    holes.set(name, hole);
    const [oldest] = holes.keys();
    if (holes.size > EPOCHS && oldest !== undefined) holes.delete(oldest);
    return ++hole.rounds === ROUNDS ? { epoch: name, from: after + 1, to: before - 1, rounds: ROUNDS } : undefined;
  }

  #of(lcuNo: number): Map<string, Hole> {
    const holes = this.#holes.get(lcuNo) ?? new Map<string, Hole>();
    this.#holes.set(lcuNo, holes);
    return holes;
  }
}

/** Whether an LCU lists all that was asked of an epoch. */
export function isListed(want: Want, openEpochs: readonly (readonly [Uint8Array, number, number])[]): boolean {
  if (want[0] !== WANT.range) return false;
  const [, epoch, after, before] = want;
  return openEpochs.some(([one, first, last]) => sameBytes(one, epoch) && first <= after + 1 && before - 1 <= last);
}
