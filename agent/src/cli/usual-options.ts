import { absolutePath } from '@farola/shared';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';

/** Flags, description, and what makes the value absolute. */
type PathOption = [flags: string, description: string, parse: (text: string) => string];

/** Option of commands that ask for a configuration. */
export const CONFIG: PathOption = ['--config <path>', `configuration (default: ${AGENT_CONFIG_PATH})`, absolutePath];
/** Option of commands that look into the state folder. */
export const STATE_DIR: PathOption = [
  '--state-dir <path>',
  'folder of identity and journal, instead of the configured one',
  absolutePath,
];
/** Option of commands that print JSON. */
export const JSON_OUT: [string, string] = ['--json', 'print JSON'];
