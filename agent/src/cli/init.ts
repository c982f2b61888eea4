import { chown, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errnoOf, FarolaError, type Owner } from '@farola/shared';
import { loadAgentConfig } from '../config.js';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import { createDurably, makeFolder } from '../trust/fs-durable-file.js';
import { exampleConfig } from './example-config.js';
import { findIdentity, type FoundIdentity } from './found-identity.js';
import { defaultFolders, type FolderOptions } from './folders.js';
import { nameOptions } from './name-options.js';
import { say } from './say.js';

/** The user that the agent runs as (DESIGN section 7). */
const USER = 'farola';

/** Folders that `init` makes. */
interface Places {
  readonly stateDir: string;
  readonly profilesDir: string;
  /** The state folder of a configuration that is there. */
  readonly configured?: string;
}

/**
 * Makes the folders and an example configuration; what is there already stays as it is. The folders are those that a configuration
 * names which is there.
 * @throws FarolaError `config-invalid` of a configuration that is there, unless the state folder is given; `config-unreadable`,
 * `state-file-invalid`, `permission-denied`, `disk-failure`
 */
export async function initAgent(
  options: FolderOptions & { readonly json?: boolean | undefined },
  out: (line: string) => void,
): Promise<void> {
  const config = resolve(options.config ?? AGENT_CONFIG_PATH);
  const given = options.stateDir === undefined ? undefined : resolve(options.stateDir);
  const { stateDir, profilesDir, configured } = await placesOf(config, given);
  const found = await findIdentity(stateDir);
  const owner = process.getuid?.() === 0 ? await findUser(USER) : undefined;
  const ofConfig = owner && { uid: 0, gid: owner.gid };
  await prepareFolder(dirname(config), 0o750, ofConfig).catch(asRoot);
  await prepareFolder(profilesDir, 0o750, ofConfig).catch(asRoot);
  await prepareFolder(stateDir, 0o700, owner);
  const written = await createDurably(config, exampleConfig(stateDir, profilesDir), 0o640, ofConfig).catch(asRoot);
  say(
    { out, json: options.json },
    {
      configPath: config,
      written,
      stateDir,
      profilesDir,
      enrolledAs: found.enrolment?.lcuId ?? null,
      journalOf: found.journalOf ?? null,
    },
    written ? `${config}: written as an example: adapt lines and analysers` : `${config}: ${keptText(stateDir, configured)}`,
    `${stateDir}: ${stateText(found)}`,
    `${profilesDir}: ready for profiles of your own`,
    nameOptions(nextSteps(found), { config }),
  );
}

/** A configuration stays as it is, also where another state folder was given than it names. */
function keptText(stateDir: string, configured = stateDir): string {
  if (stateDir === configured) return 'kept as it is';
  return `kept as it is: an agent that runs by it uses ${configured}, until its \`stateDir\` names the other`;
}

/** Whose the state folder is: what is in it stays, also where this machine was meant to be another LCU. */
function stateText({ enrolment, journalOf }: FoundIdentity): string {
  if (enrolment) return `holds the identity of ${enrolment.lcuId} at the collector ${enrolment.collectorId}, which stays`;
  if (journalOf === undefined) return 'ready';
  return `ready, with the journal of ${journalOf}, which stays: to enrol as another LCU, move it away first`;
}

/** The configuration is root's, in a folder of root's: the user of the service reads it, and that is all. */
function asRoot(error: unknown): never {
  if (!(error instanceof FarolaError) || error.code !== 'permission-denied') throw error;
  throw new FarolaError('permission-denied', { ...error.facts, remedy: 'run `farola-agent init` as root' }, { cause: error });
}

/** As the configuration says that is there; where there is none, as the example will say. */
async function placesOf(path: string, stateDir: string | undefined): Promise<Places> {
  const fresh = { ...defaultFolders(stateDir), profilesDir: join(dirname(path), 'profiles') };
  try {
    const { config } = await loadAgentConfig(path);
    return { stateDir: stateDir ?? config.stateDir, profilesDir: config.profilesDir, configured: config.stateDir };
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    const isAbsent = error.code === 'config-unreadable' && errnoOf(error.cause) === 'ENOENT';
    if (isAbsent || (error.code === 'config-invalid' && stateDir !== undefined)) return fresh;
    throw error;
  }
}

function nextSteps({ enrolment }: FoundIdentity): string {
  const check = 'next: `farola-agent config check`';
  if (enrolment)
    return `${check}, then \`farola-agent run\` or its service; to make it another LCU, \`farola-agent enroll --abort\` first`;
  return `${check}, then \`farola-agent meter read\`, then \`farola-agent enroll\` with the token of the operator`;
}

async function prepareFolder(path: string, mode: number, owner: Owner | undefined): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) return;
  makeFolder(path, mode);
  if (owner) await chown(path, owner.uid, owner.gid);
}

/** A user of passwd(5); undefined when there is none of this name. */
async function findUser(name: string): Promise<Owner | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([user]) => user === name);
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
}
