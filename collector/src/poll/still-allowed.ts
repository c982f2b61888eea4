import { refuse, type Refusal } from '@farola/shared';
import { judgeState } from '../fleet/fleet-rules.js';
import type { Fleet } from '../fleet/fleet.js';
import type { AnswerToStore } from './take-answer.js';

/** What it works with. */
export interface StillAllowedDeps {
  readonly fleet: Pick<Fleet, 'find' | 'version'>;
  /** The version of the fleet by which connections were reviewed last: what has changed since may have ended one of them. */
  readonly reviewedVersion: () => number;
  /** Told when the fleet could not be read; then all is stored, as long as nobody knows better. */
  readonly failed: (error: unknown) => void;
}

/** Judges an answer that is about to be stored, with the codes of `judgeState` and `lcu-unknown`. */
export type JudgeStored = (answer: Pick<AnswerToStore, 'parsed'>) => Refusal | undefined;

/**
 * Whether an LCU may still deliver when its answer is to be stored: it may have been revoked or retired, by this process or
 * another, while the answer waited for its commit.
 */
export class StillAllowed {
  readonly #deps: StillAllowedDeps;
  /** The version of the fleet at the last commit; undefined before the first. */
  #last: number | undefined;

  constructor(deps: StillAllowedDeps) {
    this.#deps = deps;
  }

  /**
   * What judges the answers of this commit. Undefined, since nothing can be wrong, where the fleet is as it was at the
   * commit before, and connections were reviewed since it changed: so a commit asks it one number.
   */
  judge(): JudgeStored | undefined {
    const { fleet, reviewedVersion } = this.#deps;
    const version = this.#asked(() => fleet.version());
    const isAsBefore = version === this.#last && version === reviewedVersion();
    this.#last = version;
    if (version === undefined || isAsBefore) return undefined;
    return ({ parsed: { lcuId } }) =>
      this.#asked(() => {
        const lcu = fleet.find(lcuId);
        return lcu ? judgeState(lcu) : refuse('lcu-unknown', { lcu: lcuId });
      });
  }

  #asked<Answer>(ask: () => Answer): Answer | undefined {
    try {
      return ask();
    } catch (error) {
      this.#deps.failed(error);
      return undefined;
    }
  }
}
