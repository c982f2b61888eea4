import { join } from 'node:path';
import { type AsyncSigner, FarolaError, type Random, sameBytes, type Verify } from '@farola/shared';
import { openKeys } from './collector-keys.js';
import { fsEnrolmentStore } from './fs-enrolment-store.js';
import { fsKeyStore, KEY_FILE } from './fs-key-store.js';
import { identityDamaged } from './identity-damaged.js';
import type { Enrolment } from './identity.js';
import { TrustedKeys, type TrustedKeysDeps } from './trusted-keys.js';

/** Who this LCU is and whom it obeys. */
export interface Identity {
  readonly signer: AsyncSigner;
  readonly enrolment: Enrolment;
  /** The collector's working keys; those that replace them are kept in the same folder. */
  readonly trusted: TrustedKeys;
}

/**
 * Loads the identity from the state folder, and sees that its parts agree.
 * @param onTaken told of each keys statement that comes into force later
 * @throws FarolaError `not-enrolled`, `state-file-invalid`, `keys-untrusted`, `permission-denied`, `disk-failure`
 */
export async function loadIdentity(
  stateDir: string,
  verify: Verify,
  random: Random,
  onTaken?: TrustedKeysDeps['onTaken'],
): Promise<Identity> {
  const enrolments = fsEnrolmentStore(stateDir);
  const enrolment = await enrolments.load();
  const signer = await fsKeyStore(stateDir, random).load();
  if (!enrolment) throw new FarolaError('not-enrolled');
  const keyPath = join(stateDir, KEY_FILE);
  if (!signer) throw identityDamaged(keyPath, `the key of ${enrolment.lcuId} is not there`);
  if (!sameBytes(signer.publicKey, enrolment.publicKey))
    throw identityDamaged(keyPath, `it is not the key that was enrolled as ${enrolment.lcuId}`);
  const keys = openKeys(enrolment.keys, enrolment, verify);
  if (!keys.ok) throw new FarolaError(keys.code, keys.facts);
  const trusted = new TrustedKeys(enrolment, keys.value, { enrolments, verify, ...(onTaken && { onTaken }) });
  return { signer, enrolment, trusted };
}
