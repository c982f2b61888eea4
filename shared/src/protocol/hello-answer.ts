import * as z from 'zod';
import { nameSchema } from '../names.js';
import { boot16, bytesOf, epoch8, nonce16, version } from './fields.js';
import { KID_BYTES } from '../envelope/kid.js';
import { messageType } from './message.js';

/** The LCU proves its identity for this connection. Signed with the LCU key; `version` is the one used from here on. */
export const HELLO_ANSWER = messageType(
  'helloAnswer',
  z.strictObject({
    version,
    lcuId: nameSchema,
    kid: bytesOf(KID_BYTES),
    /** The nonce of the hello. */
    nonce: nonce16,
    /** Drawn by the LCU; stands in every poll of this connection. */
    lcuNonce: nonce16,
    boot: boot16,
    epoch: epoch8,
  }),
);

/** The fields of a hello-answer. */
export type HelloAnswer = z.output<typeof HELLO_ANSWER.schema>;

/** The highest version that both sides speak; undefined when there is none. */
export function commonVersion(ours: readonly number[], theirs: readonly number[]): number | undefined {
  const common = ours.filter((v) => theirs.includes(v));
  return common.length === 0 ? undefined : Math.max(...common);
}
