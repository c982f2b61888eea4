import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentConfigSchema } from '@farola/agent/config.js';
import { AGENT_CONFIG_PATH } from '@farola/agent/config/config-path.js';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import { CONFIG_PATH as COLLECTOR_CONFIG_PATH } from '@farola/collector/config/fs-config.js';
import { configDoc, type ConfiguredProgram } from './config-doc.js';
import { errorsDoc } from './errors-doc.js';
import { profileJsonSchema } from '@farola/agent/meter/profile/profile-fields.js';
import { fillBlocks } from './generated-blocks.js';
import { jsonDoc } from './json/json-doc.js';
import { profileTables } from './profile-tables.js';
import { protocolTables } from './protocol-tables.js';
import { SCAN_GROUPS_NOTES } from './scan-groups-notes.js';

/** A document that is made, whole or in parts, from the code. */
export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  /** The text as it should be. */
  readonly make: (root: string) => string;
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The programs that read a configuration file. */
export const PROGRAMS: readonly ConfiguredProgram[] = [
  { program: 'farola-agent', file: AGENT_CONFIG_PATH, schema: agentConfigSchema, notes: SCAN_GROUPS_NOTES },
  { program: 'farola-collector', file: COLLECTOR_CONFIG_PATH, schema: COLLECTOR_CONFIG },
];

/** Every generated document. A new one is one more file with a function and one more line here. */
export const DOCUMENTS: readonly Document[] = [
  { path: 'docs/config.md', make: () => configDoc(PROGRAMS) },
  { path: 'docs/errors.md', make: (root) => errorsDoc(read(root, 'shared/src/errors.ts')) },
  { path: 'docs/json.md', make: (root) => jsonDoc(read(root, 'scripts/src/docs/json/examples.json')) },
  { path: 'docs/protocol.md', make: (root) => fillBlocks(read(root, 'docs/protocol.md'), protocolTables()) },
  { path: 'docs/profiles.md', make: (root) => fillBlocks(read(root, 'docs/profiles.md'), profileTables()) },
  { path: 'agent/profiles/profile.schema.json', make: () => `${JSON.stringify(profileJsonSchema(), null, 2)}\n` },
];
