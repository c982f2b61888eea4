import { join } from 'node:path';
import { FarolaError, type Keys, type Random, sameBytes, type Signer, type Verify } from '@farola/shared';
import { openKeys } from './collector-keys.js';
import { fsEnrolmentStore } from './fs-enrolment-store.js';
import { fsKeyStore, KEY_FILE } from './fs-key-store.js';
import type { Enrolment } from './identity.js';

/** Who this LCU is and whom it obeys. */
export interface Identity {
  readonly signer: Signer;
  readonly enrolment: Enrolment;
  /** The collector's working keys. */
  readonly keys: Keys;
}

/**
 * Loads the identity from the state folder, and sees that its parts agree.
 * @throws FarolaError `not-enrolled`, `key-file-invalid`, `keys-untrusted`, `permission-denied`, `disk-failure`
 */
export async function loadIdentity(stateDir: string, verify: Verify, random: Random): Promise<Identity> {
  const enrolment = await fsEnrolmentStore(stateDir).load();
  const signer = await fsKeyStore(stateDir, random).load();
  if (!enrolment || !signer) throw new FarolaError('not-enrolled');
  if (!sameBytes(signer.publicKey, enrolment.publicKey)) {
    throw new FarolaError('key-file-invalid', {
      path: join(stateDir, KEY_FILE),
      reason: 'it is not the key that was enrolled',
    });
  }
  const keys = openKeys(enrolment.keys, enrolment, verify);
  if (!keys.ok) throw new FarolaError(keys.code, keys.facts);
  return { signer, enrolment, keys: keys.value };
}
