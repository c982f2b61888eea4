import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addRelease } from '@farola/collector/cli/release.js';
import { makeReleaseKey, signRelease } from '@farola/collector/cli/release-sign.js';
import { stringify } from 'yaml';
import { installTree } from '../install-tree/install-tree.js';
import type { Program } from './programs.js';
import { demoPaths } from './set-up.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Installs the agent, and has its code approved as a vendor and an operator do: a release key signs its code hash, the
 * collector trusts that key and adds the release. The collector reads its configuration when it starts.
 */
export async function installAgent(folder: string): Promise<Program> {
  const { agentTree, collectorConfig } = demoPaths(folder);
  const [key, release] = [join(folder, 'release.key'), join(folder, 'agent.farola-release')];
  const said: string[] = [];
  const out = (line: string): void => void said.push(line);
  installTree({ repository: REPOSITORY, program: 'agent', target: agentTree });
  await makeReleaseKey(key, { out });
  const publicKey = /public key ([0-9a-f]{64})/.exec(said.join('\n'))?.[1] ?? '';
  await appendFile(collectorConfig, stringify({ releases: { keys: [publicKey], threshold: 1 } }));
  await signRelease(agentTree, { key, expires: '+365d', output: release, out });
  await addRelease(release, { config: collectorConfig, out });
  return { name: 'agent', tree: agentTree };
}
