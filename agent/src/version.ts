import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of this package: the root of the installed tree where the agent is installed. Found by its package.json, as Node
 * finds that: in a tree this code lies in another folder than where it was compiled.
 */
export const OWN_FOLDER = ownFolder(dirname(fileURLToPath(import.meta.url)));

/** Version of this agent, from its package.json. */
export const AGENT_VERSION: string = (JSON.parse(readFileSync(join(OWN_FOLDER, 'package.json'), 'utf8')) as { version: string })
  .version;

function ownFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${from}`);
  }
}
