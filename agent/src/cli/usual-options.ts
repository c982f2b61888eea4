import { AGENT_CONFIG_PATH } from '../config/config-path.js';

/** Option of commands that ask for a configuration. */
export const CONFIG: [string, string] = ['--config <path>', `configuration (default: ${AGENT_CONFIG_PATH})`];
/** Option of commands that look into the state folder. */
export const STATE_DIR: [string, string] = [
  '--state-dir <path>',
  'folder of identity and journal, instead of the configured one',
];
/** Option of commands that print JSON. */
export const JSON_OUT: [string, string] = ['--json', 'print JSON'];
