import { type Answer, refuse, type Refusal, toHex } from '@farola/shared';

/** Port: why a code hash is revoked; undefined when it is not. Asked for every answer: it must cost next to nothing. */
export type FindRevoked = (codeHash: Uint8Array) => { readonly name: string; readonly reason: string } | undefined;

/**
 * An answer of code that is revoked counts for nothing. Code that nobody approved, or that the LCU did not measure, is taken
 * and marked where it is shown (fleet/release-book.ts). Code: `code-revoked`.
 */
export function checkCode({ lcuId, codeHash }: Pick<Answer, 'lcuId' | 'codeHash'>, revoked: FindRevoked): Refusal | undefined {
  const found = codeHash === null ? undefined : revoked(codeHash);
  if (!codeHash || !found) return undefined;
  return refuse('code-revoked', { lcu: lcuId, codeHash: toHex(codeHash), ...found });
}
