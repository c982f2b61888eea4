import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this package: the root of the installed tree where the collector is installed. */
export const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Version of this collector, from its package.json. */
export const COLLECTOR_VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
