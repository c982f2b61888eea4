import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { installTree } from '../install-tree/install-tree.js';
import { type Program, runProgram } from './programs.js';
import { demoPaths } from './set-up.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Installs the agent, and has its code approved as a vendor and an operator do: a release key signs its code hash, the
 * collector trusts that key and adds the release. The collector reads its configuration when it starts.
 */
export async function installAgent(folder: string): Promise<Program> {
  const paths = demoPaths(folder);
  const [key, release] = [join(folder, 'release.key'), join(folder, 'agent.farola-release')];
  installTree({ repository: REPOSITORY, program: 'agent', target: paths.agentTree });
  const made = await runProgram('collector', ['release', 'key', key]);
  const publicKey = /public key ([0-9a-f]{64})/.exec(made)?.[1] ?? '';
  await appendFile(paths.collectorConfig, stringify({ releases: { keys: [publicKey], threshold: 1 } }));
  await runProgram('collector', ['release', 'sign', paths.agentTree, '--key', key, '--expires', '+365d', '--output', release]);
  await runProgram('collector', ['release', 'add', release, '--config', paths.collectorConfig]);
  return { name: 'agent', tree: paths.agentTree };
}
