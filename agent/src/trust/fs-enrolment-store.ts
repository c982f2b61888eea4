import { join } from 'node:path';
import { FarolaError, fromHex, nameSchema, pathText, shownValue, toHex } from '@farola/shared';
import * as z from 'zod';
import { readJsonIfThere, writeDurably } from './fs-durable-file.js';
import { identityDamaged } from './identity-damaged.js';
import type { Enrolment, EnrolmentStore } from './identity.js';

/** Name of the file in the state folder. */
export const ENROLMENT_FILE = 'enrolment.json';

const hex = (bytes?: number) =>
  z
    .string()
    .regex(bytes === undefined ? /^([0-9a-f]{2})+$/ : new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
    .transform(fromHex);

const VERSION = 1;
const versioned = z.looseObject({ version: z.number() });

const schema = z.strictObject({
  version: z.literal(VERSION),
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
      if (!parsed.success) throw damaged(path, stored.json, parsed.error);
      const { version: _, ...enrolment } = parsed.data;
      return enrolment;
    },
    save: (enrolment) => writeDurably(path, `${JSON.stringify(jsonOf(enrolment), null, 2)}\n`, 0o640),
  };
}

/** What is wrong with the file, in words: it may be from a newer agent, which is no damage. */
function damaged(path: string, json: unknown, { issues: [issue] }: z.ZodError): FarolaError {
  if (json === undefined) return identityDamaged(path, 'it is cut short, or no JSON');
  const { version } = versioned.safeParse(json).data ?? {};
  if (version !== undefined && version > VERSION) {
    const facts = { path, reason: `it is of version ${shownValue(version)}, and this agent knows ${VERSION}` };
    return new FarolaError('state-file-invalid', { ...facts, remedy: 'install the newer agent again, which wrote it' });
  }
  const field = issue?.code === 'unrecognized_keys' ? issue.keys.map(shownValue).join(', ') : pathText(issue?.path ?? []);
  return identityDamaged(path, `${field} is not as the agent writes it`);
}

function jsonOf({ rootKey, keys, publicKey, tokenHash, ...names }: Enrolment): z.input<typeof schema> {
  return {
    version: VERSION,
    ...names,
    words: [...names.words],
    rootKey: toHex(rootKey),
    keys: toHex(keys),
    publicKey: toHex(publicKey),
    tokenHash: toHex(tokenHash),
  };
}
