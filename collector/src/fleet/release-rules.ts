import { FarolaError, type Release, RELEASE_STATE, sameBytes, toHex } from '@farola/shared';

/** A statement and the payload that was signed. */
export interface StatedRelease {
  readonly release: Release;
  readonly payload: Uint8Array;
}

/**
 * Whether a statement may take the place of what is known of its code. The sequence only rises, and one number says one
 * thing; what has expired approves nothing, but a revocation holds for ever. Errors: `release-older`, `release-conflict`,
 * `release-expired`.
 */
export function checkAddable(next: StatedRelease, known: StatedRelease | undefined, nowMs: number): void {
  const { sequence, codeHash, expiresAt, releaseState } = next.release;
  const facts = { codeHash: toHex(codeHash), sequence };
  if (known && sequence < known.release.sequence) {
    throw new FarolaError('release-older', { ...facts, known: known.release.sequence });
  }
  if (sequence === known?.release.sequence && !sameBytes(next.payload, known.payload)) {
    throw new FarolaError('release-conflict', facts);
  }
  if (releaseState === RELEASE_STATE.allowed && expiresAt <= nowMs) {
    throw new FarolaError('release-expired', { ...facts, expired: new Date(expiresAt).toISOString() });
  }
}
