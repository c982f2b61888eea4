import { FarolaError } from '@farola/shared';
import type { StatePaths } from '../config/state-paths.js';
import { isThere } from '../store/is-there.js';

/**
 * Makes sure that a collector was ever made in this state folder. An empty fleet in a folder that a disk is missing from would be a
 * lie, and a file made by whoever looks in the way of the service. Errors: `not-initialised`, those of `isThere`.
 */
export function checkInitialised({ keys, state }: Pick<StatePaths, 'keys' | 'state'>): void {
  if (!isThere(state) && !isThere(keys)) {
    throw new FarolaError('not-initialised', { path: keys, command: 'farola-collector init' });
  }
}
