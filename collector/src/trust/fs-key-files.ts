import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, FarolaError, type Keys, KEYS, kidOf, openSigned, pinOf, sameBytes, type Signer, toHex } from '@farola/shared';
import { accessFailure } from '../store/access-failure.js';
import { readFileOf, readSecretFile, readSigningKey } from './fs-key-file.js';
import { sodiumSigner, sodiumVerify } from './sodium-signer.js';
import type { Certified } from './x509-authority.js';

/**
 * Files of the keys folder that `init` makes. `tls.pem` holds the server's key and certificate, so that they change together.
 * Keys that replace them have files of their own, named for the key (`rotatedFiles`): which one is in use, the newest
 * statement says.
 */
export const KEY_FILES = {
  root: 'root.key',
  rootPublic: 'root.pub',
  poll: 'poll.key',
  command: 'command.key',
  authorityKey: 'ca.key',
  authority: 'ca.pem',
  server: 'tls.pem',
} as const;

const STATEMENT = /^keys-\d{6}\.cose$/;
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/;

/** Name of the file of a keys statement. */
export function statementFile(sequence: number): string {
  return `keys-${String(sequence).padStart(6, '0')}.cose`;
}

/** Names of the files of a key that took the place of another: signing keys by their kid, authorities by their pin. */
export const rotatedFiles = {
  signing: (role: 'poll' | 'command', publicKey: Uint8Array): string => `${role}-${toHex(kidOf(publicKey))}.key`,
  /** Key and certificate of the authority. */
  authority: (pin: Uint8Array): string => `ca-${toHex(pin.slice(0, 8))}.pem`,
  server: (pin: Uint8Array): string => `tls-${toHex(pin.slice(0, 8))}.pem`,
};

/** A keys statement as it lies in the folder, and what it says. */
export interface Statement {
  readonly signed: Uint8Array;
  readonly keys: Keys;
}

/** The certificate authority in use. */
export interface AuthorityInUse extends Certified {
  readonly pin: Uint8Array;
  /** Path of the server's key and certificate under it. */
  readonly serverPath: string;
}

/** The root key's public part. Errors: `not-initialised`, `permission-denied`. */
export async function readRootPublic(folder: string): Promise<Uint8Array> {
  const hex = (await readFileOf(join(folder, KEY_FILES.rootPublic))).toString().trim();
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Names of the statements, oldest first. Errors: `not-initialised`, `permission-denied`. */
export async function statementNames(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => STATEMENT.test(name)).sort();
}

/** Every name in the folder. Errors: `not-initialised`, `permission-denied`. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw accessFailure(error, folder);
    throw new FarolaError('not-initialised', { path: folder, command: 'farola-collector init' }, { cause: error });
  });
}

/** Every keys statement, oldest first, each opened with the root key. Errors: `not-initialised`, `key-file-invalid`, `keys-foreign`. */
export async function readStatements(folder: string, collectorId: string): Promise<readonly Statement[]> {
  const rootKey = await readRootPublic(folder);
  const verify = await sodiumVerify();
  const names = await statementNames(folder);
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const signed = new Uint8Array(await readFileOf(path));
      const opened = openSigned(KEYS, signed, [rootKey], verify);
      if (!opened.ok) throw new FarolaError('key-file-invalid', { path, reason: 'it is no keys statement under this root key' });
      const { collectorId: owner } = opened.value;
      if (owner !== collectorId) throw new FarolaError('keys-foreign', { path: folder, owner, collector: collectorId });
      return { signed, keys: opened.value };
    }),
  );
}

/** The private key in use for a role: of those that the newest statement lists, the first that is here. */
export async function signerInUse(folder: string, role: 'poll' | 'command', { pollKeys, commandKeys }: Keys): Promise<Signer> {
  const names = new Set(await namesIn(folder));
  const first = join(folder, KEY_FILES[role]);
  for (const publicKey of role === 'poll' ? pollKeys : commandKeys) {
    const own = rotatedFiles.signing(role, publicKey);
    const path = names.has(own) ? join(folder, own) : first;
    const signer = await sodiumSigner(await readSigningKey(path));
    if (sameBytes(signer.publicKey, publicKey)) return signer;
  }
  const reason = 'no keys statement lists it, or the one that does is not the newest';
  throw new FarolaError('key-file-invalid', { path: first, reason });
}

/** The authority in use: of those that the newest statement pins, the first that is here. Errors as `signerInUse`. */
export async function authorityInUse(folder: string, { pins }: Keys): Promise<AuthorityInUse> {
  const names = new Set(await namesIn(folder));
  const first = join(folder, KEY_FILES.authority);
  for (const pin of pins) {
    const own = rotatedFiles.authority(pin);
    if (names.has(own)) {
      const pair = splitPem(await readSecretFile(join(folder, own)), join(folder, own));
      return { ...pair, pin, serverPath: join(folder, rotatedFiles.server(pin)) };
    }
    if (!names.has(KEY_FILES.authority)) continue;
    const certificate = (await readFileOf(first)).toString();
    if (!sameBytes(pinOf(readCertificate(certificate, first)), pin)) continue;
    const privateKey = await readSecretFile(join(folder, KEY_FILES.authorityKey));
    return { certificate, privateKey, pin, serverPath: join(folder, KEY_FILES.server) };
  }
  throw new FarolaError('key-file-invalid', { path: first, reason: 'the newest keys statement does not pin it' });
}

/** Reads a private key and a certificate out of one file. Errors as `readSigningKey`. */
export async function readCertified(path: string): Promise<Certified> {
  return splitPem(await readSecretFile(path), path);
}

function splitPem(pem: string, path: string): Certified {
  const [privateKey] = PRIVATE_KEY.exec(pem) ?? [];
  if (privateKey === undefined) throw new FarolaError('key-file-invalid', { path, reason: 'no private key in PEM' });
  const certificate = pem.replace(privateKey, '');
  readCertificate(certificate, path);
  return { privateKey, certificate };
}

/** Reads a certificate. Error: `key-file-invalid`. */
export function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new FarolaError('key-file-invalid', { path, reason: 'no certificate in PEM' }, { cause: error });
  }
}
