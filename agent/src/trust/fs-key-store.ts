import { join } from 'node:path';
import { counted, FarolaError, promisedFs, shellWord } from '@farola/shared';
import type { AsyncSigner, Random } from '@farola/shared';
import { fileFailure, readIfThere, writeDurably } from './fs-durable-file.js';
import { identityDamaged } from './identity-damaged.js';
import type { KeyStore } from './identity.js';
import { SEED_BYTES, threadSigner } from './thread-signer.js';

/** Name of the file in the state folder. */
export const KEY_FILE = 'identity.key';
const OTHERS = 0o077;

/** The LCU key as a seed of 32 bytes in a file that its owner alone may read: assurance A0. */
export function fsKeyStore(stateDir: string, random: Random): KeyStore {
  const path = join(stateDir, KEY_FILE);
  const load = async (): Promise<AsyncSigner | undefined> => {
    const seed = await readIfThere(path);
    if (seed === undefined) return undefined;
    await checkMode(path);
    if (seed.length !== SEED_BYTES) {
      throw identityDamaged(path, `${counted(seed.length, 'byte')} instead of ${SEED_BYTES}`);
    }
    return threadSigner(seed);
  };
  return {
    load,
    async loadOrCreate() {
      const existing = await load();
      if (existing) return existing;
      const seed = random.bytes(SEED_BYTES);
      await writeDurably(path, seed);
      return threadSigner(seed);
    },
  };
}

/** Whether there is a key file, good or not. @throws FarolaError `permission-denied`, `disk-failure` */
export async function hasKeyFile(stateDir: string): Promise<boolean> {
  return (await readIfThere(join(stateDir, KEY_FILE))) !== undefined;
}

async function checkMode(path: string): Promise<void> {
  const { mode } = await promisedFs.stat(path).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  if ((mode & OTHERS) === 0) return;
  const reason = `others may read the key (mode ${(mode & 0o777).toString(8)})`;
  const remedy = `\`chmod 600 ${shellWord(path)}\`; if somebody did read it, \`farola-agent enroll --abort\`, and enrol anew`;
  throw new FarolaError('state-file-invalid', { path, reason, remedy });
}
