import { cutSigned, KEYS, openSigned, refuse, sameBytes } from '@farola/shared';
import type { Keys, Result, Verify } from '@farola/shared';

/** What the agent must already know of a collector to believe its keys. */
export interface CollectorRoot {
  readonly collectorId: string;
  readonly rootKey: Uint8Array;
}

/**
 * The working keys of a collector, from a statement that its root key signed. Refuses with `keys-untrusted`, or
 * `collector-mismatch` when the statement is that of another collector under the same root.
 */
export function openKeys(signed: Uint8Array, root: CollectorRoot, verify: Verify): Result<Keys> {
  const opened = openSigned(KEYS, signed, [root.rootKey], verify);
  if (!opened.ok) return refuse('keys-untrusted', { reason: opened.code });
  const { collectorId, rootKey } = opened.value;
  if (!sameBytes(rootKey, root.rootKey)) return refuse('keys-untrusted', { reason: 'it names another root key' });
  if (collectorId !== root.collectorId) {
    return refuse('collector-mismatch', { named: collectorId, collector: root.collectorId });
  }
  return opened;
}

/** The payload of a keys statement, which the six words cover. TypeError for what `openKeys` refuses. */
export function keysPayload(signed: Uint8Array): Uint8Array {
  const cut = cutSigned(signed);
  if (!cut.ok) throw new TypeError('not a keys statement');
  return cut.value.payload;
}
