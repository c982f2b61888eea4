import {
  cutSigned,
  ENROL_CHALLENGE,
  type EnrolmentToken,
  type Keys,
  openSigned,
  parseMessage,
  refuse,
  sameBytes,
} from '@farola/shared';
import type { EnrolChallenge, Result, Verify } from '@farola/shared';
import { openKeys } from '../trust/collector-keys.js';

/** A good challenge and the keys that it came with. */
export interface AcceptedChallenge {
  readonly challenge: EnrolChallenge;
  readonly keys: Keys;
}

/**
 * Judges the challenge that opens an enrolment, by nothing but the token: the keys statement inside is signed by the
 * token's root key and lists the token's pin; the challenge is signed by one of its poll keys and names the token's
 * collector. Refuses with `keys-untrusted`, `collector-mismatch`, or the codes of `openSigned`.
 */
export function verifyChallenge(signed: Uint8Array, token: EnrolmentToken, verify: Verify): Result<AcceptedChallenge> {
  const cut = cutSigned(signed);
  if (!cut.ok) return cut;
  // Which key must have signed stands inside: parsed first, believed only once the token's root vouches for that key.
  const claimed = parseMessage(ENROL_CHALLENGE, cut.value.payload);
  if (!claimed.ok) return claimed;
  const keys = openKeys(claimed.value.keys, token, verify);
  if (!keys.ok) return keys;
  if (!keys.value.pins.some((pin) => sameBytes(pin, token.pin))) return refuse('keys-untrusted', { reason: 'pin not listed' });
  const opened = openSigned(ENROL_CHALLENGE, signed, keys.value.pollKeys, verify);
  if (!opened.ok) return opened;
  const { collectorId } = opened.value;
  if (collectorId !== token.collectorId)
    return refuse('collector-mismatch', { named: collectorId, collector: token.collectorId });
  return { ok: true, value: { challenge: opened.value, keys: keys.value } };
}
