import { chown, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarolaError, type Owner } from '@farola/shared';
import { agentConfigSchema } from '../config.js';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import { createDurably, makeFolder } from '../trust/fs-durable-file.js';
import { exampleConfig } from './example-config.js';
import type { FolderOptions } from './folders.js';
import { say } from './say.js';

/** The user that the agent runs as (DESIGN section 7). */
const USER = 'farola';

/**
 * Makes the folders and an example configuration; what is there already stays as it is.
 * @throws FarolaError `permission-denied`, `disk-failure`
 */
export async function initAgent(
  options: FolderOptions & { readonly json?: boolean | undefined },
  out: (line: string) => void,
): Promise<void> {
  const config = options.config ?? AGENT_CONFIG_PATH;
  const stateDir = options.stateDir ?? agentConfigSchema.shape.stateDir.parse(undefined);
  const owner = process.getuid?.() === 0 ? await findUser(USER) : undefined;
  const ofConfig = owner && { uid: 0, gid: owner.gid };
  await prepareFolder(dirname(config), 0o750, ofConfig).catch(asRoot);
  await prepareFolder(join(dirname(config), 'profiles'), 0o750, ofConfig).catch(asRoot);
  await prepareFolder(stateDir, 0o700, owner);
  const written = await createDurably(config, exampleConfig(stateDir), 0o640, ofConfig).catch(asRoot);
  say(
    { out, json: options.json },
    { config, written, stateDir },
    written ? `${config}: written as an example: adapt lines and analysers` : `${config}: kept as it is`,
    `${stateDir}: ready`,
    'next: `farola-agent config check`, then `farola-agent meter read`, then `farola-agent enroll` with the token of the operator',
  );
}

/** The configuration is root's, in a folder of root's: the user of the service reads it, and that is all. */
function asRoot(error: unknown): never {
  if (!(error instanceof FarolaError) || error.code !== 'permission-denied') throw error;
  throw new FarolaError('permission-denied', { ...error.facts, remedy: 'run `farola-agent init` as root' }, { cause: error });
}

async function prepareFolder(path: string, mode: number, owner: Owner | undefined): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there) return;
  await makeFolder(path, mode);
  if (owner) await chown(path, owner.uid, owner.gid);
}

/** A user of passwd(5); undefined when there is none of this name. */
async function findUser(name: string): Promise<Owner | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([user]) => user === name);
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
}
