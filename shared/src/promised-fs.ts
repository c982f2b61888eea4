import fs from 'node:fs';
import { promisify } from 'node:util';

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
  rm: promisify(fs.rm),
  open: promisify(fs.open),
  close: promisify(fs.close),
  fsync: promisify(fs.fsync),
  fchown: promisify(fs.fchown),
};
