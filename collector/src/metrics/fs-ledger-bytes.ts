import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files in a folder; 0 for what cannot be looked at. */
export function folderBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + fileBytes(join(folder, name)), 0);
  } catch {
    return 0;
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
