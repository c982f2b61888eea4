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

/** How every file of age begins, and the line of one that a passphrase opens (https://age-encryption.org/v1). */
const BEGIN = 'age-encryption.org/v1\n';
const OF_PASSPHRASE = '\n-> scrypt ';
/** What the library says where the file is whole, and the key is none of its own; of a file that is damaged it says other things. */
const NO_MATCH = "no identity matched any of the file's recipients";
/** Characters of a header that are looked at: a passphrase has the only stanza, 23 recipients fit. */
const HEADER_LENGTH = 4096;

/**
 * Decrypts what `lockBackup`, or the program age, wrote. Errors: `backup-malformed` for a file that is damaged or none of age,
 * `backup-locked` for another key than its own, `usage` for what is no identity.
 */
export async function unlockBackup(file: Uint8Array, key: BackupKey, path: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  if ('passphrase' in key) decrypter.addPassphrase(key.passphrase);
  else addIdentity(decrypter, key.identity);
  try {
    return await decrypter.decrypt(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === NO_MATCH) throw new FarolaError('backup-locked', { path, reason: lockedBy(file, key) }, { cause: error });
    throw new FarolaError('backup-malformed', { path, reason: brokenBy(file, reason) }, { cause: error });
  }
}

function lockedBy(file: Uint8Array, key: BackupKey): string {
  const byPassphrase = headOf(file).includes(OF_PASSPHRASE);
  if (byPassphrase) return 'passphrase' in key ? 'wrong passphrase' : 'it was written with a passphrase';
  return 'passphrase' in key ? 'it was written for recipients, not with a passphrase' : 'it was written for other recipients';
}

function brokenBy(file: Uint8Array, reason: string): string {
  return headOf(file).startsWith(BEGIN) ? `it is damaged or cut off (${reason})` : 'it does not begin as a file of age does';
}

function headOf(file: Uint8Array): string {
  return Buffer.from(file.subarray(0, HEADER_LENGTH)).toString('latin1');
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
