import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { FarolaError } from '../errors.js';

/** Name of the file at the root of an installed tree that says what it is. */
export const TREE_MARK = 'farola-tree.json';

const treeMarkSchema = z.strictObject({
  format: z.literal(1),
  /** Name of the package that is installed, such as `@farola/agent`. */
  name: z.string().min(1).max(64),
  version: z.string().min(1).max(64),
});

/** What the mark of an installed tree says. */
export type TreeMark = z.output<typeof treeMarkSchema>;

/** A tree that scripts/install-tree made. */
export interface InstalledTree {
  /** Absolute path, without links. */
  readonly root: string;
  readonly mark: TreeMark;
}

/** The text of a mark. */
export function treeMarkText(name: string, version: string): string {
  return `${JSON.stringify({ format: 1, name, version } satisfies TreeMark)}\n`;
}

/**
 * The installed tree at this folder; undefined when the folder bears no mark, as a checkout does not. Error:
 * `tree-unreadable` for a mark that cannot be read.
 */
export function findInstalledTree(folder: string): InstalledTree | undefined {
  const path = join(folder, TREE_MARK);
  try {
    const mark = treeMarkSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { root: realpathSync(folder), mark };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const reason = typeof code === 'string' ? code : 'it is not such a mark';
    throw new FarolaError('tree-unreadable', { path, reason }, { cause: error });
  }
}
