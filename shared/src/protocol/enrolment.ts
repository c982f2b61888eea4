import * as z from 'zod';
import { nameSchema } from '../names.js';
import { anyBytes, hash32, key32, nonce16, uint, version } from './fields.js';
import { messageType } from './message.js';

/** Opens an enrolment: the collector's keys statement and a nonce. Signed with the poll key of that statement. */
export const ENROL_CHALLENGE = messageType(
  'enrolChallenge',
  z.strictObject({
    version,
    collectorId: nameSchema,
    nonce: nonce16,
    /** The signed keys statement, a COSE_Sign1. */
    keys: anyBytes,
  }),
);

/**
 * The LCU presents its public key and signs with it, over the nonce of the challenge. The secret of the token travels
 * beside the signature; `tokenHash` binds it.
 */
export const ENROL_REQUEST = messageType(
  'enrolRequest',
  z.strictObject({
    version,
    lcuId: nameSchema,
    collectorId: nameSchema,
    /** The nonce of the challenge. */
    nonce: nonce16,
    publicKey: key32,
    /** SHA-256 of the token's secret. */
    tokenHash: hash32,
    agentVersion: z.string().max(64),
    /** Assurance level that the LCU claims, 0 to 3. */
    assurance: z.int().min(0).max(3),
    /** Evidence for the claim, such as TPM keys and quotes; empty at A0. */
    evidence: z.array(anyBytes).max(16),
  }),
);

/** The collector's word on a request. Signed with the poll key. */
export const ENROL_ANSWER = messageType(
  'enrolAnswer',
  z.strictObject({
    version,
    lcuId: nameSchema,
    /** SHA-256 of the payload of the request. */
    requestHash: hash32,
    /** `pending`, or a code of the error table. */
    outcome: z.string().max(64),
    issuedAt: uint,
  }),
);

/** The fields of a challenge. */
export type EnrolChallenge = z.output<typeof ENROL_CHALLENGE.schema>;
/** The fields of a request. */
export type EnrolRequest = z.output<typeof ENROL_REQUEST.schema>;
/** The fields of the collector's word. */
export type EnrolAnswer = z.output<typeof ENROL_ANSWER.schema>;
