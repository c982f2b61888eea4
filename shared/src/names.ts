import * as z from 'zod';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Name of an LCU, collector, panel or analyser: 1 to 63 of a-z, 0-9 and `-`, a letter or digit at both ends. */
export const nameSchema = z.string().regex(NAME, 'is not a name: 1 to 63 of a-z, 0-9 and -, a letter or digit at both ends');

/** Whether the text is such a name. */
export function isName(text: string): boolean {
  return NAME.test(text);
}
