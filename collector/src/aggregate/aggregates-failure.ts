import { FarolaError } from '@farola/shared';
import { onStore } from '../store/store-failure.js';

/**
 * Runs `work` on `aggregates.db`; throws as `onStore`, but `aggregates-corrupt` where its own bytes contradict themselves: nobody has a
 * backup of it, since the ledger has it all.
 */
export function onAggregates<Value>(path: string, work: () => Value): Value {
  try {
    return onStore(path, work);
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'ledger-corrupt' || error.facts['path'] !== path) throw error;
    throw new FarolaError('aggregates-corrupt', error.facts, { cause: error });
  }
}
