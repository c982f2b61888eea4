import { type Answer, chainHeads, refuse, type Result, sameBytes } from '@farola/shared';

/**
 * The entries hash from the signed `prev` to the signed `head`. The value is h(from - 1) to h(to), one more than there
 * are entries. Code: `chain-broken`.
 */
export function checkChain(answer: Answer, entries: readonly Uint8Array[]): Result<readonly Uint8Array[]> {
  const heads = chainHeads(answer.prev, entries);
  if (sameBytes(heads[entries.length] ?? answer.prev, answer.head)) return { ok: true, value: heads };
  return refuse('chain-broken', { from: answer.from, to: answer.to });
}
