import fs from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from './fs-failure.js';

/**
 * The calls of `node:fs/promises` that a running agent needs, made of those of `node:fs`: the module itself takes 1 MB of the agent's
 * memory for good (docs/decisions/037-small-agent.md). A file that is open is a descriptor.
 */
export const promisedFs = {
  readFile: promisify(fs.readFile),
  writeFile: promisify(fs.writeFile),
  readdir: promisify(fs.readdir),
  mkdir: promisify(fs.mkdir),
  stat: promisify(fs.stat),
  link: promisify(fs.link),
  rename: promisify(fs.rename),
  /** Removes a file; one that is not there is no failure. `rm` itself would load what removes folders. */
  rm: (path: string): Promise<void> =>
    promisify(fs.unlink)(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }),
  open: promisify(fs.open),
  close: promisify(fs.close),
  fsync: promisify(fs.fsync),
  fchown: promisify(fs.fchown),
};
