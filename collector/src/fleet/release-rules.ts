import { encodeMessage, FarolaError, isoTime, RELEASE, type Release, RELEASE_STATE, sameBytes, toHex } from '@farola/shared';

/** What is known of the code that a statement speaks of. */
export interface KnownOfCode {
  /** The statement that is kept; undefined when the keys that are trusted now did not sign it. */
  readonly release: Release | undefined;
  /** Why the code is revoked; undefined when it is not. */
  readonly revoked: string | undefined;
}

/** Whether a statement revokes its code. */
export function isRevocation({ releaseState }: Pick<Release, 'releaseState'>): boolean {
  return releaseState === RELEASE_STATE.revoked;
}

/** Why code is revoked of which the release keys say so. */
export function reasonOf({ sequence }: Pick<Release, 'sequence'>): string {
  return `by its release keys, statement ${sequence}`;
}

/**
 * Whether a statement may be taken in. A revocation always is, and lasts: nothing approves that code any more, whoever
 * signs it and with whatever number (docs/decisions/034). Of approvals the sequence only rises, one number says one thing,
 * and what has expired approves nothing; numbers of keys that are trusted no more count for nothing. Errors:
 * `release-revoked`, `release-older`, `release-conflict`, `release-expired`.
 */
export function checkAddable(next: Release, known: KnownOfCode | undefined, nowMs: number): void {
  if (isRevocation(next)) return;
  const { sequence, codeHash, expiresAt } = next;
  const facts = { codeHash: toHex(codeHash), sequence };
  if (known?.revoked !== undefined) throw new FarolaError('release-revoked', { ...facts, reason: known.revoked });
  const before = known?.release;
  if (before && sequence < before.sequence) throw new FarolaError('release-older', { ...facts, known: before.sequence });
  if (sequence === before?.sequence && !isSame(next, before)) throw new FarolaError('release-conflict', facts);
  if (expiresAt <= nowMs) throw new FarolaError('release-expired', { ...facts, expired: isoTime(expiresAt) });
}

/** There is one form of a statement. */
function isSame(one: Release, other: Release): boolean {
  return sameBytes(encodeMessage(RELEASE, one), encodeMessage(RELEASE, other));
}
