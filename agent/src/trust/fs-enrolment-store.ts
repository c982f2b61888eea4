import { join } from 'node:path';
import { FarolaError, fromHex, nameSchema, toHex } from '@farola/shared';
import * as z from 'zod';
import { readJsonIfThere, writeDurably } from './fs-durable-file.js';
import type { Enrolment, EnrolmentStore } from './identity.js';

/** Name of the file in the state folder. */
export const ENROLMENT_FILE = 'enrolment.json';

const hex = (bytes?: number) =>
  z
    .string()
    .regex(bytes === undefined ? /^([0-9a-f]{2})+$/ : new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
    .transform(fromHex);

const schema = z.strictObject({
  version: z.literal(1),
  lcuId: nameSchema,
  collectorId: nameSchema,
  address: z.string().max(256),
  rootKey: hex(32),
  keys: hex(),
  publicKey: hex(32),
  tokenHash: hex(32),
  words: z.array(z.string().max(16)).length(6),
});

/** Keeps the enrolment in `enrolment.json`; nothing in it is secret. */
export function fsEnrolmentStore(stateDir: string): EnrolmentStore {
  const path = join(stateDir, ENROLMENT_FILE);
  return {
    async load() {
      const stored = await readJsonIfThere(path);
      if (stored === undefined) return undefined;
      const parsed = schema.safeParse(stored.json);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new FarolaError('key-file-invalid', { path, reason: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` });
      }
      const { version: _, ...enrolment } = parsed.data;
      return enrolment;
    },
    save: (enrolment) => writeDurably(path, `${JSON.stringify(jsonOf(enrolment), null, 2)}\n`, 0o640),
  };
}

function jsonOf({ rootKey, keys, publicKey, tokenHash, ...names }: Enrolment): z.input<typeof schema> {
  return {
    version: 1,
    ...names,
    words: [...names.words],
    rootKey: toHex(rootKey),
    keys: toHex(keys),
    publicKey: toHex(publicKey),
    tokenHash: toHex(tokenHash),
  };
}
