import { codeOf, outputTaken } from '@farola/shared';
import { writeNewFile } from '../trust/fs-key-file.js';

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
