import { sameBytes, toHex } from '@farola/shared';
import type { Owed } from './owed-epochs.js';
import type { Session } from './session.js';

/** Walks that are kept of one LCU; of more than these none are, and the next one goes past all that is whole. */
const WALKS_KEPT = 8;
/** Connections that may bring nothing new of a walk before it is given up: the LCU no longer has what it lacks. */
const TRIES = 8;

/** Whole epochs that a walk passes by, until it comes to where one began before: some years of daily restarts. It takes 64 of them with each poll. */
const PASSES = 16_384;
/** Of an LCU the epochs are kept at which so many walks began last: more than units of one key take turns. */
const BEGINS_KEPT = 8;

/** What of a session a walk needs. */
type Walking = Pick<Session, 'lcu' | 'hello' | 'owed' | 'hasResumed' | 'openEpochs'>;

interface Kept {
  readonly walk: Owed;
  readonly tries: number;
}

/** What the connections of one LCU left. */
interface Left {
  readonly walks: readonly Kept[];
  /** Their present epochs, the latest last. */
  readonly walked: readonly Uint8Array[];
}

/**
 * Walks along start entries (owed-epochs.ts) that a connection left before they came to their end, by LCU. Only the one before knows
 * that more is lacking behind what is whole. A walk goes past what is whole to where one began before: each unit of a key has a line of
 * epochs of its own. All is kept in memory: a collector that starts anew, perhaps in the midst of one, walks along all epochs of each
 * unit once, and so does one that kept too many.
 */
export class UnfinishedWalks {
  readonly #left = new Map<number, Left>();

  /** Lets a connection go on with what those before left, when its first round begins. */
  resume(session: Walking): void {
    if (session.hasResumed) return;
    session.hasResumed = true;
    const { walks, walked } = this.#left.get(session.lcu.lcuNo) ?? NOTHING;
    const own = session.owed.map((walk): Owed => ({ ...walk, passes: PASSES, walked }));
    session.owed = [...own, ...walks.map(({ walk }) => walk).filter((walk) => !hasWalk(own, walk))];
  }

  /** A connection is gone. One that brought no answer got no further than those before. */
  keep({ lcu: { lcuNo }, hello: { epoch }, owed, openEpochs }: Walking): void {
    if (openEpochs.length === 0) return;
    const before = this.#left.get(lcuNo) ?? NOTHING;
    const walks = owed
      .filter(({ settled, epochs }) => !settled || epochs.length > 0)
      .map((walk) => ({ walk, tries: (before.walks.find((one) => isSame(one.walk, walk))?.tries ?? 0) + 1 }))
      .filter(({ tries }) => tries <= TRIES);
    const walked = [...before.walked.filter((one) => !sameBytes(one, epoch)), Uint8Array.from(epoch)].slice(-BEGINS_KEPT);
    if (walks.length > WALKS_KEPT) this.#left.delete(lcuNo);
    else this.#left.set(lcuNo, { walks, walked });
  }
}

const NOTHING: Left = { walks: [], walked: [] };

function hasWalk(walks: readonly Owed[], walk: Owed): boolean {
  return walks.some((one) => isSame(one, walk));
}

/** Whether a walk is where another was, and lacks as much. */
function isSame(one: Owed, other: Owed): boolean {
  return toHex(one.at) === toHex(other.at) && one.epochs.length === other.epochs.length;
}
