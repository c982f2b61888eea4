import * as z from 'zod';
import { nameSchema } from '../names.js';
import { nonce16, uint, version } from './fields.js';
import { HELLO_VERSION } from './kinds.js';
import { messageType } from './message.js';

/** First message on a connection: who the collector is and what it speaks. Signed with the poll key. */
export const HELLO = messageType(
  'hello',
  z.strictObject({
    version,
    collectorId: nameSchema,
    /** Versions that the collector speaks. */
    versions: z.array(version).min(1).max(16),
    /** Encodings of an answer's entries that the collector takes beside the plain one, by the numbers of ENCODINGS. */
    encodings: z.array(z.int().min(1).max(255)).max(16),
    /** Must come back in the hello-answer. */
    nonce: nonce16,
    /** Wall time of the collector, ms since 1970 UTC. */
    issuedAt: uint,
  }),
  [HELLO_VERSION],
);

/** The fields of a hello. */
export type Hello = z.output<typeof HELLO.schema>;
