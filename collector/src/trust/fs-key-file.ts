import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { FarolaError } from '@farola/shared';

const GROUP_AND_OTHERS = 0o077;

/** Writes a new file that only its owner can read, and syncs it. Error: `already-initialised` when it exists. */
export async function writeSecretFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeNewFile(path, content, 0o600);
}

/** Writes a new file that everyone may read, and syncs it. Error: `already-initialised` when it exists. */
export async function writePublicFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeNewFile(path, content, 0o644);
}

async function writeNewFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new FarolaError('already-initialised', { path });
    if (code === 'EACCES') throw noPermission(path);
    throw error;
  });
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new Ed25519 private key as PKCS #8 PEM. */
export function newSigningKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/**
 * Reads the seed of an Ed25519 private key from a PKCS #8 PEM file, 32 bytes. Errors: `not-initialised`,
 * `permission-denied`, `key-file-invalid` (also when others than the owner may read it).
 */
export async function readSigningKey(path: string): Promise<Uint8Array> {
  const pem = await readSecretFile(path);
  try {
    const { d, crv } = createPrivateKey(pem).export({ format: 'jwk' });
    if (crv === 'Ed25519' && d !== undefined) return new Uint8Array(Buffer.from(d, 'base64url'));
  } catch {
    throw new FarolaError('key-file-invalid', { path, reason: 'not a private key in PEM' });
  }
  throw new FarolaError('key-file-invalid', { path, reason: 'not an Ed25519 key' });
}

/** Reads a file that only its owner may read. Errors as `readSigningKey`. */
export async function readSecretFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if ((mode & GROUP_AND_OTHERS) !== 0) {
      throw new FarolaError('key-file-invalid', { path, reason: 'others than its owner may read it: chmod 600' });
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new FarolaError('not-initialised', { path, command: 'farola-collector init' });
    if (code === 'EACCES') throw noPermission(path);
    throw error;
  }
}

function noPermission(path: string): FarolaError {
  return new FarolaError('permission-denied', { path, remedy: 'run it as the user farola-collector, or through sudo' });
}
