import * as z from 'zod';
import { nameSchema } from '../names.js';
import { hash32, uint, version } from './fields.js';
import { messageType } from './message.js';

/**
 * The LCU says which keys statement it goes by, after one was handed to it: that one, or a newer one that it had. Signed
 * with the LCU key.
 */
export const KEYS_TAKEN = messageType(
  'keysTaken',
  z.strictObject({
    version,
    lcuId: nameSchema,
    collectorId: nameSchema,
    /** Of the statement that the LCU goes by. */
    sequence: uint,
    /** SHA-256 of the payload of that statement. */
    keysHash: hash32,
  }),
);

/** The fields of a confirmation. */
export type KeysTaken = z.output<typeof KEYS_TAKEN.schema>;
