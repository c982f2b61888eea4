import { FarolaError } from './errors.js';
import { promisedFs } from './promised-fs.js';

/**
 * Sees that root does not run a program in folders of another user, where that user could not use what root makes. Root's own
 * folders, and what is not there yet, root may run on.
 * @param program as it is typed, for the advice
 * @throws FarolaError `run-as-root`
 */
export async function refuseForeignRoot(folders: readonly string[], program: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const path of folders) {
    const owner = (await promisedFs.stat(path).catch(() => undefined))?.uid ?? 0;
    if (owner !== 0) throw new FarolaError('run-as-root', { path, owner, program });
  }
}
