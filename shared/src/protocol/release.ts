import * as z from 'zod';
import { hash32, uint, version } from './fields.js';
import { messageType } from './message.js';

/** What a release statement says of its code. */
export const RELEASE_STATE = { allowed: 1, revoked: 2 } as const;

/** Most signatures that one release file carries. */
export const RELEASE_SIGNATURES = 16;

/** Latest end of an approval: the last millisecond of year 9999, as far as dates are written with four digits (RFC 3339). */
export const LAST_EXPIRY_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const text = z.string().min(1).max(64);

/**
 * The word of the release keys on one code hash. Of two approvals of the same code the higher `sequence` holds; a revocation
 * lasts. Each release key signs the same payload; a file carries them all.
 */
export const RELEASE = messageType(
  'release',
  z.strictObject({
    version,
    /** Wall time, ms since 1970 UTC. */
    issuedAt: uint,
    /** Merkle root of what is installed. */
    codeHash: hash32,
    sequence: z.int().min(1),
    /** Name of the package, such as `@farola/agent`. */
    product: text,
    productVersion: text,
    /** Wall time from which on the statement approves nothing, ms since 1970 UTC. */
    expiresAt: uint.max(LAST_EXPIRY_MS),
    /** By RELEASE_STATE. */
    releaseState: z.union([z.literal(RELEASE_STATE.allowed), z.literal(RELEASE_STATE.revoked)]),
  }),
);

/** The fields of a release statement. */
export type Release = z.output<typeof RELEASE.schema>;
