import * as z from 'zod';
import { nameSchema } from '../names.js';
import { anyBytes, bytesOf, entryNumber, hash32, key32, uint, version } from './fields.js';
import { messageType } from './message.js';

/** `[public key, from ms, to ms or null, signed enrol-request]`: a key of the LCU and when it was in force. */
export const lcuKey = z.tuple([key32, uint, uint.nullable(), anyBytes]);

/**
 * `[received ms, signed poll, signed answer, first, h(first - 1), entries]`: one row of the ledger. `entries` are those
 * from `first` to the answer's `to`; `first` is above the answer's `from` where the beginning was stored before.
 */
export const proofRow = z.tuple([uint, anyBytes, anyBytes, entryNumber, hash32, z.array(anyBytes)]);

/** A part of the ledger, to be checked by anyone. Signed with the poll key. */
export const PROOF = messageType(
  'proof',
  z.strictObject({
    version,
    collectorId: nameSchema,
    lcuId: nameSchema,
    rootKey: bytesOf(32),
    /** Every signed keys statement, oldest first. */
    keys: z.array(anyBytes),
    lcuKeys: z.array(lcuKey),
    /** The asked span of receipt, ms since 1970 UTC; both ends included. */
    fromMs: uint,
    toMs: uint,
    rows: z.array(proofRow),
    issuedAt: uint,
  }),
);

/** The fields of a proof. */
export type Proof = z.output<typeof PROOF.schema>;
/** One ledger row in a proof. */
export type ProofRow = z.output<typeof proofRow>;
