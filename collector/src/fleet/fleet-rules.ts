import { FarolaError, isName, sameBytes } from '@farola/shared';
import type { Enrolment, Invitation, Lcu } from './fleet.js';

/** Refuses what is no name: `name-invalid`. */
export function checkNames(lcuId: string, panel: string): void {
  for (const [what, name] of [
    ['LCU', lcuId],
    ['panel', panel],
  ] as const) {
    if (!isName(name)) throw new FarolaError('name-invalid', { what, name });
  }
}

/** Only an LCU of which no key was ever approved is invited again: `lcu-exists`. */
export function checkInvitable(lcu: Lcu | undefined): void {
  if (lcu && lcu.state !== 'invited' && lcu.state !== 'pending')
    throw new FarolaError('lcu-exists', { lcu: lcu.lcuId, state: lcu.state });
}

/** What an enrolment is judged by. */
export interface EnrolmentCase {
  readonly enrolment: Enrolment;
  readonly invitation: Invitation | undefined;
  /** The LCU of the invitation. */
  readonly lcu: Lcu | undefined;
  /** Whether any LCU ever had this key, or one with its key id. */
  readonly keyKnown: boolean;
}

/**
 * Whether a key may become pending: `new`, or `again` when it is the one that this token brought and that waits for
 * approval. Codes: `token-unknown`, `token-foreign`, `token-used`, `token-replaced`, `token-expired`,
 * `key-in-use`.
 */
export function judgeEnrolment({ enrolment, invitation, lcu, keyKnown }: EnrolmentCase): 'new' | 'again' {
  const { lcuId, publicKey, atMs } = enrolment;
  if (!invitation) throw new FarolaError('token-unknown', { lcu: lcuId });
  if (invitation.lcuId !== lcuId) throw new FarolaError('token-foreign', { named: invitation.lcuId, expected: lcuId });
  if (invitation.usedAtMs !== null) {
    if (lcu?.state === 'pending' && lcu.key && sameBytes(lcu.key.publicKey, publicKey)) return 'again';
    throw new FarolaError('token-used');
  }
  if (invitation.replacedAtMs !== null) throw new FarolaError('token-replaced');
  if (atMs > invitation.expiresAtMs) {
    throw new FarolaError('token-expired', { lcu: lcuId, expired: new Date(invitation.expiresAtMs).toISOString() });
  }
  if (keyKnown) throw new FarolaError('key-in-use');
  return 'new';
}

/** The LCU when it can be approved. Codes: `lcu-unknown`, `lcu-not-pending`. */
export function checkApprovable(lcuId: string, lcu: Lcu | undefined): Lcu {
  if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  if (lcu.state !== 'pending') throw new FarolaError('lcu-not-pending', { lcu: lcuId, state: lcu.state });
  return lcu;
}
