/** What has turns on a line. */
export interface TakesTurns {
  /** Seconds between two readings of it. */
  readonly periodS: number;
  readonly reader: {
    /** Whether a reading may cost the line a wait. */
    readonly isSilent: boolean;
  };
}

interface Place<T> {
  readonly one: T;
  /** Readings that had ended when it became due; undefined while it is not. */
  dueAfter: number | undefined;
  /** Of its last reading the number. */
  ended: number;
}

/**
 * Whose turn it is on a line. Of what is due those that answer go first, so that a silent one costs the others no wait, and of
 * these the ones of short period. But none goes again before one that was due when it last went: so all that are due at
 * one moment have had their turn before any of them has the next, and nobody waits longer than for one reading of each other.
 */
export class RowTurns<T extends TakesTurns> {
  readonly #places: readonly Place<T>[];
  #readings = 0;

  constructor(all: readonly T[]) {
    this.#places = all.map((one) => ({ one, dueAfter: undefined, ended: 0 }));
  }

  /** It is due from now on. Gives whether it was not so already. */
  becomesDue(one: T): boolean {
    const place = this.#placeOf(one);
    if (place.dueAfter !== undefined) return false;
    place.dueAfter = this.#readings;
    return true;
  }

  /** Whose turn it is; it is no longer due. undefined when nothing is. */
  next(): T | undefined {
    const due = this.#places.filter(({ dueAfter }) => dueAfter !== undefined);
    const may = due.filter((one) => due.every((other) => other === one || one.ended <= (other.dueAfter ?? 0)));
    const first = may.toSorted(
      ({ one: a }, { one: b }) => Number(a.reader.isSilent) - Number(b.reader.isSilent) || a.periodS - b.periodS,
    )[0];
    if (first) first.dueAfter = undefined;
    return first?.one;
  }

  /** Its reading has ended. */
  ended(one: T): void {
    this.#placeOf(one).ended = ++this.#readings;
  }

  #placeOf(one: T): Place<T> {
    const place = this.#places.find((each) => each.one === one);
    if (!place) throw new RangeError('a row of another line');
    return place;
  }
}
