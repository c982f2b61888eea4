import { resolve } from 'node:path';
import { codeOf, errnoOf, FarolaError, yamlValue } from '@farola/shared';
import * as z from 'zod';
import { agentConfigSchema, loadAgentConfig, readConfigFile } from '../config.js';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';

/** Where a command looks. */
export interface FolderOptions {
  /** Path of the configuration. */
  readonly config?: string | undefined;
  /** Instead of the configured one. */
  readonly stateDir?: string | undefined;
}

/** Folders of the agent, absolute. */
export interface Folders {
  readonly stateDir: string;
  readonly runDir: string;
  /** How long a configuration of the collector is tried, seconds. */
  readonly trialSeconds: number;
}

/** Folders to look into, whatever the configuration is like. */
export interface FoundFolders extends Folders {
  /** Why the configuration does not count; undefined when it does. */
  readonly problem: FarolaError | undefined;
  /**
   * Where they come from: `config`, whose fields may be read also where others of it are wrong; `defaults` where nothing was ever set up;
   * `guess`, the defaults, where another configuration may name others; `given`, the state folder by the user, the run folder a guess.
   */
  readonly source: 'config' | 'defaults' | 'guess' | 'given';
}

const { stateDir: stateField, runDir: runField, remote: remoteFields } = agentConfigSchema.shape;
const USUAL_TRIAL_SECONDS = remoteFields.parse(undefined).trialSeconds;

/**
 * The folders that the configuration names; the defaults while there is no configuration.
 * @throws FarolaError `config-invalid`, `permission-denied`; `config-unreadable` when a configuration was named, and no folder
 */
export async function foldersOf({ config: path, stateDir }: FolderOptions): Promise<Folders> {
  try {
    const { config } = await loadAgentConfig(path);
    return { stateDir: chosen(stateDir, config.stateDir), runDir: config.runDir, trialSeconds: config.remote.trialSeconds };
  } catch (error) {
    if (codeOf(error) !== 'config-unreadable' || (path !== undefined && stateDir === undefined)) throw error;
    return defaultFolders(stateDir);
  }
}

/** The folders of an agent without a configuration. @param stateDir instead of the default */
export function defaultFolders(stateDir: string | undefined): Folders {
  return {
    stateDir: chosen(stateDir, stateField.parse(undefined)),
    runDir: runField.parse(undefined),
    trialSeconds: USUAL_TRIAL_SECONDS,
  };
}

/**
 * As `foldersOf`, for a command that tells what it finds: of a configuration that is not valid the fields that name folders count, and
 * where it cannot be read at all, the defaults.
 */
export async function findFolders({ config: path = AGENT_CONFIG_PATH, stateDir }: FolderOptions): Promise<FoundFolders> {
  try {
    const { config } = await loadAgentConfig(path);
    const { trialSeconds } = config.remote;
    const folders = { stateDir: chosen(stateDir, config.stateDir), runDir: config.runDir, trialSeconds };
    return { ...folders, problem: undefined, source: 'config' };
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    if (error.code === 'config-invalid') return { ...(await namedIn(path, stateDir)), problem: error };
    const isNew = errnoOf(error.cause) === 'ENOENT' && path === AGENT_CONFIG_PATH;
    return { ...defaultFolders(stateDir), problem: error, source: unnamed(stateDir, isNew ? 'defaults' : 'guess') };
  }
}

const naming = z.looseObject({
  stateDir: stateField.catch(stateField.parse(undefined)),
  runDir: runField.catch(runField.parse(undefined)),
});

/** What a text names that is not valid as a whole. One that is no YAML names nothing. */
async function namedIn(path: string, stateDir: string | undefined): Promise<Folders & Pick<FoundFolders, 'source'>> {
  const named = naming.safeParse(yamlValue(new TextDecoder().decode(await readConfigFile(path))));
  if (!named.success) return { ...defaultFolders(stateDir), source: unnamed(stateDir, 'guess') };
  const { runDir } = named.data;
  return { stateDir: chosen(stateDir, named.data.stateDir), runDir, trialSeconds: USUAL_TRIAL_SECONDS, source: 'config' };
}

function unnamed<T extends string>(stateDir: string | undefined, otherwise: T): T | 'given' {
  return stateDir === undefined ? otherwise : 'given';
}

function chosen(given: string | undefined, configured: string): string {
  return given === undefined ? configured : resolve(given);
}
