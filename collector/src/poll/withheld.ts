import { type Clock, type Facts, sameBytes, toHex, WANT, type Want } from '@farola/shared';
import type { Span } from '../ledger/spans.js';

/** Rounds in which a hole is asked in vain before it is told. */
const ROUNDS = 3;
/** A round begins with each connection as well: one counts when so much of a round has passed since the last that counted. */
const OF_A_ROUND = 0.9;
/** Epochs of one LCU of which holes are counted: those that it lists at a time. */
const EPOCHS = 64;

/** A hole that was asked in vain: what of it was asked each time. */
interface Hole extends Span {
  readonly rounds: number;
  /** When it was counted last, monotonic ms. */
  readonly countedMs: number;
}

/**
 * Entries that LCUs list, and do not deliver although they are asked again and again: who holds back the hours that cost money
 * signs by that itself that it has them. Counted over connections, since an LCU may begin a new one at will.
 */
export class Withheld {
  readonly #clock: Clock;
  readonly #countedAfterMs: number;
  readonly #holes = new Map<number, Map<string, Hole>>();

  /** @param roundMs length of a round */
  constructor(clock: Clock, roundMs: number) {
    this.#clock = clock;
    this.#countedAfterMs = OF_A_ROUND * roundMs;
  }

  /** Takes in that a range was asked and nothing came; gives what there is to tell of it, once of each hole. */
  asked(lcuNo: number, want: Want): Facts | undefined {
    if (want[0] !== WANT.range) return undefined;
    const [, epoch, after, before] = want;
    const name = toHex(epoch);
    const holes = this.#of(lcuNo);
    const { monoMs } = this.#clock.now();
    const known = holes.get(name);
    const common = known && commonTo(known, { from: after + 1, to: before - 1 });
    const isCounted = !known || !common || monoMs - known.countedMs >= this.#countedAfterMs;
    const rounds = common ? known.rounds + Number(isCounted) : 1;
    holes.delete(name);
    holes.set(name, {
      ...(common ?? { from: after + 1, to: before - 1 }),
      rounds,
      countedMs: isCounted ? monoMs : known.countedMs,
    });
    const [oldest] = holes.keys();
    if (holes.size > EPOCHS && oldest !== undefined) holes.delete(oldest);
    const { from, to } = holes.get(name) as Hole;
    return isCounted && rounds === ROUNDS ? { epoch: name, from, to, rounds } : undefined;
  }

  #of(lcuNo: number): Map<string, Hole> {
    const holes = this.#holes.get(lcuNo) ?? new Map<string, Hole>();
    this.#holes.set(lcuNo, holes);
    return holes;
  }
}

/** What lies in both; undefined where nothing does. */
function commonTo(a: Span, b: Span): Span | undefined {
  const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
  return from <= to ? { from, to } : undefined;
}

/** Whether an LCU lists all that was asked of an epoch. */
export function isListed(want: Want, openEpochs: readonly (readonly [Uint8Array, number, number])[]): boolean {
  if (want[0] !== WANT.range) return false;
  const [, epoch, after, before] = want;
  return openEpochs.some(([one, first, last]) => sameBytes(one, epoch) && first <= after + 1 && before - 1 <= last);
}
