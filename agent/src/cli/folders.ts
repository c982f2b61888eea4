import { FarolaError } from '@farola/shared';
import { agentConfigSchema, loadAgentConfig } from '../config.js';

/** Where a command looks. */
export interface FolderOptions {
  /** Path of the configuration; /etc/farola/agent.yaml when it is not told. */
  readonly config?: string | undefined;
  /** Instead of the configured one. */
  readonly stateDir?: string | undefined;
}

/** Folders of the agent. */
export interface Folders {
  readonly stateDir: string;
  readonly runDir: string;
  /** How long a configuration of the collector is tried, seconds. */
  readonly trialSeconds: number;
  /** `config-unreadable`, where the folders are the defaults for want of a configuration. */
  readonly unread: FarolaError | undefined;
}

/**
 * The folders that the configuration names; the defaults while there is no configuration.
 * @throws FarolaError `config-invalid`; `config-unreadable` when a configuration was named, and no folder
 */
export async function foldersOf({ config: path, stateDir }: FolderOptions): Promise<Folders> {
  try {
    const { config } = await loadAgentConfig(path);
    const { runDir, remote } = config;
    return { stateDir: stateDir ?? config.stateDir, runDir, trialSeconds: remote.trialSeconds, unread: undefined };
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'config-unreadable') throw error;
    if (path !== undefined && stateDir === undefined) throw error;
    return { ...defaultFolders(stateDir), unread: error };
  }
}

/** What counts of an agent without a configuration. @param stateDir instead of the default */
export function defaultFolders(stateDir: string | undefined): Omit<Folders, 'unread'> {
  const { shape } = agentConfigSchema;
  const { trialSeconds } = shape.remote.parse(undefined);
  return { stateDir: stateDir ?? shape.stateDir.parse(undefined), runDir: shape.runDir.parse(undefined), trialSeconds };
}
