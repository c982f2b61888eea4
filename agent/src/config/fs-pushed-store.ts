import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import * as z from 'zod';
import { readJsonIfThere, writeDurably } from '../trust/fs-durable-file.js';
import { NOTHING_PUSHED, type PushedStore } from './pushed-config.js';

/** Name of the file in the state folder. */
export const PUSHED_FILE = 'collector-config.json';

const pushed = { sequence: z.int(), text: z.string(), by: z.string(), reason: z.string(), atMs: z.number() };
const schema = z.strictObject({
  accepted: z.int(),
  kept: z.strictObject(pushed).nullable(),
  trial: z.strictObject({ ...pushed, starts: z.int(), answered: z.array(z.string()) }).nullable(),
  untold: z.array(
    z.strictObject({
      event: z.enum(['config-applied', 'config-rolled-back', 'config-refused']),
      sequence: z.int(),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      what: z.string(),
    }),
  ),
});

/** Keeps what the collector configured in a file of the state folder. */
export function fsPushedStore(stateDir: string): PushedStore {
  const path = join(stateDir, PUSHED_FILE);
  return {
    async load() {
      const stored = await readJsonIfThere(path);
      if (stored === undefined) return NOTHING_PUSHED;
      const parsed = schema.safeParse(stored.json);
      if (parsed.success) return parsed.data;
      throw new FarolaError('state-file-invalid', {
        path,
        reason: 'what the collector set cannot be read: it is not as the agent writes it',
        remedy: '`farola-agent config reset` forgets it, and the file alone counts',
      });
    },
    save: (state) => writeDurably(path, `${JSON.stringify(state, null, 2)}\n`, 0o640),
  };
}
