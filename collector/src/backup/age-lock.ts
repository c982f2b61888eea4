import { Decrypter, Encrypter } from 'age-encryption';
import { FarolaError } from '@farola/shared';

/** What a backup is encrypted with: a passphrase, or the recipients of age that may open it. */
export type BackupLock = { readonly passphrase: string } | { readonly recipients: readonly string[] };

/** What opens a backup. */
export type BackupKey = { readonly passphrase: string } | { readonly identity: string };

/** Encrypts in the format of age (https://age-encryption.org/v1). Error: `usage` for what is no recipient. */
export async function lockBackup(bytes: Uint8Array, lock: BackupLock): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  if ('passphrase' in lock) encrypter.setPassphrase(lock.passphrase);
  else for (const recipient of lock.recipients) addRecipient(encrypter, recipient);
  return encrypter.encrypt(bytes);
}

/** Decrypts what `lockBackup`, or the program age, wrote. Errors: `backup-locked`, `usage` for what is no identity. */
export async function unlockBackup(file: Uint8Array, key: BackupKey, path: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  if ('passphrase' in key) decrypter.addPassphrase(key.passphrase);
  else addIdentity(decrypter, key.identity);
  try {
    return await decrypter.decrypt(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FarolaError('backup-locked', { path, reason }, { cause: error });
  }
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch (error) {
    throw new FarolaError('usage', { reason: `--recipient ${recipient} is none of age` }, { cause: error });
  }
}

function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity);
  } catch (error) {
    throw new FarolaError('usage', { reason: '--identity-file holds no identity of age' }, { cause: error });
  }
}
