import { FarolaError, isName, refuse, type Refusal, sameBytes } from '@farola/shared';
import type { Decision, Enrolment, Invitation, Lcu, LcuState } from './fleet.js';

/** Refuses what is no name: `name-invalid`. */
export function checkNames(lcuId: string, panel: string): void {
  for (const [what, name] of [
    ['LCU', lcuId],
    ['panel', panel],
  ] as const) {
    if (!isName(name)) throw new FarolaError('name-invalid', { what, name });
  }
}

/** An LCU in use is not invited again: `lcu-exists`. */
export function checkInvitable(lcu: Lcu | undefined): void {
  if (lcu && (lcu.state === 'active' || lcu.state === 'quarantined'))
    throw new FarolaError('lcu-exists', { lcu: lcu.lcuId, state: lcu.state });
}

/** Of which states an LCU may be decided about, and where the decision leads (DESIGN section 5). */
const DECISIONS: Readonly<Record<Decision, { readonly from: readonly LcuState[]; readonly to: LcuState }>> = {
  quarantined: { from: ['active'], to: 'quarantined' },
  released: { from: ['quarantined'], to: 'active' },
  revoked: { from: ['pending', 'active', 'quarantined'], to: 'revoked' },
  retired: { from: ['invited', 'pending', 'active', 'quarantined'], to: 'retired' },
};

/** The state that a decision leads to. Codes: `lcu-unknown`, `decision-unfit`. */
export function stateAfter(lcuId: string, lcu: Lcu | undefined, decision: Decision): LcuState {
  if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  const { from, to } = DECISIONS[decision];
  if (from.includes(lcu.state)) return to;
  throw new FarolaError('decision-unfit', { lcu: lcuId, state: lcu.state, from: from.join(' or '), decision });
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

/**
 * Whether an LCU in this state may hold a connection (DESIGN section 5). Codes: `lcu-pending`, `lcu-revoked`,
 * `lcu-retired`.
 */
export function judgeState({ state, lcuId, key }: Lcu): Refusal | undefined {
  if (state === 'retired') return refuse('lcu-retired', { lcu: lcuId });
  if (state === 'revoked' || (key && key.toMs !== null)) return refuse('lcu-revoked', { lcu: lcuId });
  if (state === 'pending' || state === 'invited') return refuse('lcu-pending', { lcu: lcuId });
  return undefined;
}
