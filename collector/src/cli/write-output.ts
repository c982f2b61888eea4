import { dirname } from 'node:path';
import { codeOf, FarolaError, outputTaken } from '@farola/shared';
import { isThere } from '../store/is-there.js';
import { writeNewFile } from '../trust/fs-key-file.js';

/** Says before long work what `writeOutput` would say behind it. Errors: `output-exists`, `path-unusable`, `permission-denied`. */
export function checkOutput(path: string): void {
  if (isThere(path)) throw outputTaken(path);
  if (!isThere(dirname(path))) throw new FarolaError('path-unusable', { path, reason: 'its folder is not there' });
}

/**
 * Writes the file that a command was told to write, whole or not at all; it never replaces one. Errors: `output-exists`,
 * `path-unusable`, `permission-denied`, `disk-failure`.
 */
export async function writeOutput(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  try {
    await writeNewFile(path, content, mode);
  } catch (error) {
    throw codeOf(error) === 'already-initialised' ? outputTaken(path, error) : error;
  }
}
