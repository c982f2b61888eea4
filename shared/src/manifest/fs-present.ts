import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { unreadable } from './fs-walk-tree.js';

/** Names in a folder; none when it is not there. Error: `tree-unreadable`. */
export function listed(folder: string): readonly string[] {
  return present(folder, () => readdirSync(folder)) ?? [];
}

/** The text of a file; empty when it is not there. Error: `tree-unreadable`. */
export function textOf(path: string): string {
  return present(path, () => readFileSync(path, 'utf8')) ?? '';
}

/** The path without links; none when it leads to nothing. Error: `tree-unreadable`. */
export function realPathOf(path: string): string | undefined {
  return present(path, () => realpathSync(path));
}

/** What the call gives; undefined when the path is not there. */
function present<T>(path: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    const failure = unreadable(path, error);
    if (failure.code === 'tree-changing') return undefined;
    throw failure;
  }
}
