import { resolve } from 'node:path';

/** A path of the command line from wherever it is looked at later; one that is empty names nothing, and stays so. */
export function absolutePath(text: string): string {
  return text === '' ? '' : resolve(text);
}
