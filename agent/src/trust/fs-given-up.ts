import { join } from 'node:path';
import { isName } from '@farola/shared';
import { readIfThere, writeDurably } from './fs-durable-file.js';

const FILE = 'given-up';

/** The identities of this machine that a person gave up, one name per line in `given-up`, oldest first. */
export async function loadGivenUp(stateDir: string): Promise<readonly string[]> {
  const bytes = await readIfThere(join(stateDir, FILE));
  return (bytes?.toString() ?? '').split('\n').filter(isName);
}

/** Remembers that an identity was given up. @throws FarolaError `permission-denied`, `disk-failure` */
export async function rememberGivenUp(stateDir: string, lcuId: string): Promise<void> {
  const names = new Set(await loadGivenUp(stateDir)).add(lcuId);
  await writeDurably(join(stateDir, FILE), `${[...names].join('\n')}\n`, 0o640);
}
