import { readFileSync } from 'node:fs';

/** Version of this collector, from its package.json. */
export const COLLECTOR_VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
