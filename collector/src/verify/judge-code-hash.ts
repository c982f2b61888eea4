/** What is known of the code of an LCU: a mark beside its state, never a refusal. */
export type CodeMark = 'unmeasured' | 'unknown' | 'known';

/**
 * Judges the code hash of an answer.
 * @param isRelease whether a hash is that of an approved release
 */
export function judgeCodeHash(codeHash: Uint8Array | null, isRelease: (hash: Uint8Array) => boolean): CodeMark {
  if (codeHash === null) return 'unmeasured';
  return isRelease(codeHash) ? 'known' : 'unknown';
}
