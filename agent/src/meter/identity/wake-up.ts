import { FarolaError } from '@farola/shared';
import type { RegisterClient } from '../line/register-client.js';
import { planWithin } from '../plan/block-plan.js';
import { blockVariants } from '../plan/block-variants.js';
import { PlanTerms } from '../plan/plan-terms.js';
import type { Profile } from '../profile/profile.js';

/** Whom to wake. */
export interface Sleeper {
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  readonly client: RegisterClient;
}

/**
 * Asks a model that lets its first questions go by (`wakeUp`) as often as it says, or until it answers, be it by an exception. What is
 * asked does not count, and that nothing answers is no failure; each question is for another number of registers than those that may
 * still be answered late, since it would wait for them otherwise.
 * @throws the reason of the signal
 */
export async function wakeUp({ id, unit, profile, client }: Sleeper, signal?: AbortSignal): Promise<void> {
  const terms = new PlanTerms(profile);
  const least = planWithin(terms).toSorted((a, b) => a.count - b.count)[0];
  if (!least) return;
  for (let left = profile.wakeUp?.questions ?? 0; left > 0; left--) {
    const { functionCode } = least;
    const [block = least] = blockVariants(least, client.owedCounts(unit, functionCode), terms) ?? [];
    const { address, count } = block;
    try {
      await client.read({ analyser: id, unit, functionCode, address, count }, signal);
      return;
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      if (error.code !== 'meter-timeout' && error.code !== 'meter-malformed') return;
    }
  }
}
