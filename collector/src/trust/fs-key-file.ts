import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { link, readFile, rename, rm, stat } from 'node:fs/promises';
import { errnoOf, FarolaError, type Owner, type WholeFile, writeWhole } from '@farola/shared';
import { accessFailure } from '../store/access-failure.js';

const PERMISSIONS = 0o777;
const GROUP_AND_OTHERS = 0o077;
/** Only the owner may read and write. */
export const SECRET = 0o600;
/** Everyone may read. */
export const PUBLIC = 0o644;

/**
 * Writes a new file, whole and synced or not at all; it never replaces one. Errors: `already-initialised` when it
 * exists, `permission-denied`, `disk-failure`.
 */
export async function writeNewFile(path: string, content: string | Uint8Array, mode: number, owner?: Owner): Promise<void> {
  await writeAside(path, { content, mode, owner }, async (aside) => {
    await link(aside, path);
    await rm(aside);
  });
}

/** Replaces a file, or makes it; at any moment there is the old one or the new one, whole. Errors as `writeNewFile`. */
export async function replaceFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await writeAside(path, { content, mode }, (aside) => rename(aside, path));
}

async function writeAside(path: string, file: WholeFile, put: (aside: string) => Promise<void>): Promise<void> {
  try {
    await writeWhole(path, file, put);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw new FarolaError('already-initialised', { path }, { cause: error });
    throw accessFailure(error, path);
  }
}

/** A new Ed25519 private key as PKCS #8 PEM. */
export function newSigningKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/**
 * Reads the seed of an Ed25519 private key from a PKCS #8 PEM file, 32 bytes. Errors: `not-initialised`,
 * `permission-denied`, `key-file-invalid`, `key-file-open`.
 */
export async function readSigningKey(path: string): Promise<Uint8Array> {
  return seedOf(await readSecretFile(path), path);
}

/** The seed in the text of such a file. Error: `key-file-invalid`. */
function seedOf(pem: string, path: string): Uint8Array {
  try {
    const { d, crv } = createPrivateKey(pem).export({ format: 'jwk' });
    if (crv === 'Ed25519' && d !== undefined) return new Uint8Array(Buffer.from(d, 'base64url'));
  } catch {
    throw new FarolaError('key-file-invalid', { path, reason: 'not a private key in PEM' });
  }
  throw new FarolaError('key-file-invalid', { path, reason: 'not an Ed25519 key' });
}

/** What to do where a key that a command names is not there, or where something else is. */
export interface KeyRemedies {
  readonly missing: string;
  readonly other: string;
}

/**
 * As `readSigningKey`, of a key that a command names: `key-file-missing` when it is not there and `key-file-other` when it is no such
 * key, with these remedies. Who may read what is no key does not matter.
 */
export async function readNamedKey(path: string, { missing, other }: KeyRemedies): Promise<Uint8Array> {
  try {
    seedOf((await readFileOf(path)).toString(), path);
    return await readSigningKey(path);
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    if (error.code === 'not-initialised') throw new FarolaError('key-file-missing', { path, remedy: missing }, { cause: error });
    if (error.code !== 'key-file-invalid') throw error;
    throw new FarolaError('key-file-other', { ...error.facts, path, remedy: other }, { cause: error });
  }
}

/** Reads a file that only its owner may read. Errors: `not-initialised`, `permission-denied`, `key-file-open`. */
export async function readSecretFile(path: string): Promise<string> {
  const content = await readFileOf(path);
  const { mode } = await stat(path);
  if ((mode & GROUP_AND_OTHERS) === 0) return content.toString();
  throw new FarolaError('key-file-open', { path, mode: (mode & PERMISSIONS).toString(8) });
}

/** Reads a file of the keys folder. Errors: `not-initialised`, `permission-denied`, `disk-failure`. */
export async function readFileOf(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw accessFailure(error, path);
    throw new FarolaError('not-initialised', { path, command: 'farola-collector init' }, { cause: error });
  });
}
