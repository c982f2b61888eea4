import * as z from 'zod';
import { nameSchema } from '../names.js';
import { key32, bytesOf, uint, version } from './fields.js';
import { messageType } from './message.js';

/**
 * What the root key says of the collector's working keys. The first key of a list is in use; the others are still, or
 * already, accepted. Signed with the root key; a higher `sequence` replaces a lower one.
 */
export const KEYS = messageType(
  'keys',
  z.strictObject({
    version,
    collectorId: nameSchema,
    sequence: uint,
    rootKey: key32,
    pollKeys: z.array(key32).min(1).max(4),
    commandKeys: z.array(key32).min(1).max(4),
    /** SHA-256 of the SubjectPublicKeyInfo of each accepted certificate authority. */
    pins: z.array(bytesOf(32)).min(1).max(4),
    /** Wall time, ms since 1970 UTC. */
    issuedAt: uint,
  }),
);

/** The fields of a keys statement. */
export type Keys = z.output<typeof KEYS.schema>;
