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
}

/**
 * The folders that the configuration names; the defaults while there is no configuration.
 * @throws FarolaError `config-invalid`; `config-unreadable` when a configuration was named, and no folder
 */
export async function foldersOf({ config: path, stateDir }: FolderOptions): Promise<Folders> {
  try {
    const { config } = await loadAgentConfig(path);
    return { stateDir: stateDir ?? config.stateDir, runDir: config.runDir };
  } catch (error) {
    const unread = error instanceof FarolaError && error.code === 'config-unreadable';
    if (!unread || (path !== undefined && stateDir === undefined)) throw error;
    const { shape } = agentConfigSchema;
    return { stateDir: stateDir ?? shape.stateDir.parse(undefined), runDir: shape.runDir.parse(undefined) };
  }
}
