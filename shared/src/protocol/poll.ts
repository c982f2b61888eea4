import * as z from 'zod';
import { nameSchema } from '../names.js';
import { epoch8, hash32, nonce16, uint, version } from './fields.js';
import { messageType } from './message.js';

/** Forms of `want`. */
export const WANT = { newest: 1, range: 2 } as const;

/** Most epochs that one poll acknowledges and one answer lists. */
export const EPOCH_LIST_LIMIT = 33;

/** Most islands that a collector keeps of one epoch. */
export const ISLAND_LIMIT = 32;

/** `[epoch, n, h(n)]`: everything of this epoch up to n is stored durably. */
export const ack = z.tuple([epoch8, uint, hash32]);

/**
 * `[1, epoch, after]`: all entries after n if they fit, else the last that fit.
 * `[2, epoch, after, before]`: entries after+1 to before-1, as many of the first as fit.
 */
export const want = z.union([
  z.tuple([z.literal(WANT.newest), epoch8, uint]),
  z.tuple([z.literal(WANT.range), epoch8, uint, uint]),
]);

/** One question to one LCU. Signed with the poll key. */
export const POLL = messageType(
  'poll',
  z.strictObject({
    version,
    lcuId: nameSchema,
    collectorId: nameSchema,
    /** The LCU's nonce of this connection. */
    lcuNonce: nonce16,
    /** Rises by one with each poll of a connection, from 1. */
    pollId: uint,
    nonce: nonce16,
    /** How long the collector waits for the answer, ms. */
    deadlineMs: uint,
    /** Wall time of the collector, ms since 1970 UTC. */
    issuedAt: uint,
    acks: z.array(ack).max(EPOCH_LIST_LIMIT),
    want,
  }),
);

/** The fields of a poll. */
export type Poll = z.output<typeof POLL.schema>;
/** What a poll asks for. */
export type Want = z.output<typeof want>;
/** One acknowledgement. */
export type Ack = z.output<typeof ack>;
