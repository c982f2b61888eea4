import { toHex } from '@farola/shared';
import type { Owed } from './owed-epochs.js';
import type { Session } from './session.js';

/** Walks that are kept of one LCU; of more than these none are, and the next one goes past what is whole. */
const WALKS_KEPT = 8;
/** Connections that may bring nothing new of a walk before it is given up: the LCU no longer has what it lacks. */
const TRIES = 8;

/**
 * Whole epochs that the first walk of an LCU passes by, after each start of the collector: some years of daily restarts. It takes 64 of
 * them with each poll.
 */
const PASSES = 16_384;

/** What of a session a walk needs. */
type Walking = Pick<Session, 'lcu' | 'owed' | 'hasResumed' | 'openEpochs'>;

interface Kept {
  readonly walk: Owed;
  readonly tries: number;
}

/**
 * Walks along start entries (owed-epochs.ts) that a connection left before they came to their end, by LCU. The next walk begins at
 * another epoch, or ends at the first that is whole: only the one before knows that more is lacking behind that. They are kept in
 * memory: a collector that starts anew, perhaps in the midst of one, walks along all epochs of each LCU once, and so does one that
 * kept too many.
 */
export class UnfinishedWalks {
  readonly #kept = new Map<number, readonly Kept[]>();

  /** Lets a connection go on with what those before left, when its first round begins. */
  resume(session: Walking): void {
    if (session.hasResumed) return;
    session.hasResumed = true;
    const kept = this.#kept.get(session.lcu.lcuNo);
    if (!kept) session.owed = session.owed.map((walk) => ({ ...walk, passes: PASSES }));
    else session.owed = [...session.owed, ...kept.map(({ walk }) => walk).filter((walk) => !hasWalk(session.owed, walk))];
  }

  /** A connection is gone. One that brought no answer got no further than those before. */
  keep({ lcu: { lcuNo }, owed, openEpochs }: Walking): void {
    if (openEpochs.length === 0) return;
    const before = this.#kept.get(lcuNo) ?? [];
    const left = owed.filter(({ settled, epochs }) => !settled || epochs.length > 0);
    const kept = left
      .map((walk) => ({ walk, tries: (before.find((one) => isSame(one.walk, walk))?.tries ?? 0) + 1 }))
      .filter(({ tries }) => tries <= TRIES);
    if (kept.length > WALKS_KEPT) this.#kept.delete(lcuNo);
    else this.#kept.set(lcuNo, kept);
  }
}

function hasWalk(walks: readonly Owed[], walk: Owed): boolean {
  return walks.some((one) => isSame(one, walk));
}

/** Whether a walk is where another was, and lacks as much. */
function isSame(one: Owed, other: Owed): boolean {
  return toHex(one.at) === toHex(other.at) && one.epochs.length === other.epochs.length;
}
