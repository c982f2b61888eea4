import { statSync } from 'node:fs';
import { errnoOf } from '@farola/shared';
import { accessFailure } from './access-failure.js';

/**
 * Whether there is anything at a path. Where this user may not look nobody can say, and `existsSync` would say no. Codes as
 * `accessFailure`.
 */
export function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw accessFailure(error, path);
  }
}
