import { FarolaError } from '@farola/shared';
import { REFUSED, UNANSWERED } from './line/meter-failures.js';
import type { RegisterClient } from './line/register-client.js';
import { leastRequest } from './plan/least-request.js';
import { PlanTerms } from './plan/plan-terms.js';
import type { Profile } from './profile/profile.js';
import type { Sleeper } from './reading.js';

/** Of what is asked of a model that stays silent, each so many-th question begins to wake it once more. */
const AGAIN_EVERY = 4;

/** Whom to wake. */
export interface WakeUpOptions {
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  readonly client: RegisterClient;
  /** How long one question may take, ms. */
  readonly mostMs: number;
  /** It has answered. */
  readonly onAwake: () => void;
}

/**
 * Wakes a model that lets its first questions go by (`wakeUp`). When it leaves a reading unanswered, it is to be asked as often as
 * its profile says, or until it answers, be it by an exception; and when it stays silent, again each fourth time. What is asked does not
 * count, and that nothing answers is no failure. Nobody waits for it: its line asks when it has nothing else to do.
 */
export class WakeUp implements Sleeper {
  readonly mostMs: number;
  readonly #options: WakeUpOptions;
  readonly #terms: PlanTerms;
  #left = 0;
  /** Readings and probes that it left unanswered since it answered last. */
  #inVain = 0;

  constructor(options: WakeUpOptions) {
    this.#options = options;
    this.#terms = new PlanTerms(options.profile);
    this.mostMs = options.mostMs;
  }

  get isWanted(): boolean {
    return this.#left > 0;
  }

  /** It left a reading, or a probe, unanswered. */
  wasSilent(): void {
    if (this.#inVain++ % AGAIN_EVERY === 0) this.#left = this.#options.profile.wakeUp?.questions ?? 0;
  }

  /** It answered. */
  answered(): void {
    this.#inVain = 0;
    this.#left = 0;
  }

  async ask(signal?: AbortSignal): Promise<boolean> {
    const { id, unit, client, onAwake } = this.#options;
    this.#left--;
    const least = leastRequest(this.#terms, (functionCode) => client.owedCounts(unit, functionCode));
    if (!least) return false;
    const { functionCode, address, count } = least;
    try {
      await client.read({ analyser: id, unit, functionCode, address, count }, signal);
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      if (UNANSWERED.has(error.code)) return false;
      // On a line that cannot be used nobody is woken.
      if (!REFUSED.has(error.code)) {
        this.#left = 0;
        return false;
      }
    }
    this.answered();
    onAwake();
    return true;
  }
}
