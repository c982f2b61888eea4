import { X509Certificate } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Clock,
  FarolaError,
  KEYS,
  openSigned,
  pinOf,
  PROTOCOL_VERSIONS,
  sameBytes,
  type Signer,
  signMessage,
} from '@farola/shared';
import { accessFailure, codeOfFailure } from '../access-failure.js';
import type { CollectorIdentity } from '../link/collector-identity.js';
import {
  newSigningKeyPem,
  PUBLIC,
  readFileOf,
  readSecretFile,
  readSigningKey,
  replaceFile,
  SECRET,
  syncFolder,
  writeNewFile,
} from './fs-key-file.js';
import { sodiumSigner, sodiumVerify } from './sodium-signer.js';
import { type Certified, issueServer, makeAuthority } from './x509-authority.js';

/** Files of the keys folder. `tls.pem` holds the server's key and certificate, so that they change together. */
export const KEY_FILES = {
  root: 'root.key',
  rootPublic: 'root.pub',
  poll: 'poll.key',
  command: 'command.key',
  authorityKey: 'ca.key',
  authority: 'ca.pem',
  server: 'tls.pem',
} as const;

const FIRST_STATEMENT = 'keys-000001.cose';
const STATEMENT = /^keys-\d{6}\.cose$/;
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/;
const RENEW_MS = 30 * 86_400_000;

/** Everything that `run` needs of the keys folder. */
export interface CollectorKeys {
  readonly identity: CollectorIdentity;
  /** Server certificate followed by its authority, and the key, PEM. */
  readonly tls: Certified;
}

/**
 * Makes every key of a collector in a new folder: root, poll and command key, the certificate authority with one server
 * certificate, and the first keys statement, signed with the root key. Errors: `already-initialised`,
 * `permission-denied`, `disk-failure`.
 */
export async function makeCollectorKeys(folder: string, collectorId: string, host: string, clock: Clock): Promise<void> {
  const file = (name: string): string => join(folder, name);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    throw accessFailure(error, folder);
  });
  for (const name of [KEY_FILES.root, KEY_FILES.poll, KEY_FILES.command]) {
    await writeNewFile(file(name), newSigningKeyPem(), SECRET);
  }
  const now = clock.now();
  const authority = await makeAuthority(collectorId, now);
  await writeNewFile(file(KEY_FILES.authorityKey), authority.privateKey, SECRET);
  await writeNewFile(file(KEY_FILES.authority), authority.certificate, PUBLIC);
  const server = await issueServer(authority, collectorId, host, now);
  await writeNewFile(file(KEY_FILES.server), server.privateKey + server.certificate, SECRET);
  const root = await signerOf(folder, KEY_FILES.root);
  await writeNewFile(file(KEY_FILES.rootPublic), Buffer.from(root.publicKey).toString('hex') + '\n', PUBLIC);
  const keys = {
    rootKey: root.publicKey,
    pollKeys: [(await signerOf(folder, KEY_FILES.poll)).publicKey],
    commandKeys: [(await signerOf(folder, KEY_FILES.command)).publicKey],
    pins: [pinOf(new X509Certificate(authority.certificate))],
  };
  const version = Math.max(...PROTOCOL_VERSIONS);
  const statement = signMessage(KEYS, { version, collectorId, sequence: 1, issuedAt: now.wallMs, ...keys }, root);
  await writeNewFile(file(FIRST_STATEMENT), statement, PUBLIC);
  await syncFolder(folder);
}

/**
 * Loads what a running collector needs, without the root key's private part, and sees that it belongs together. Errors
 * as `readSigningKey`; `key-file-invalid` when the newest statement is not that of these keys and this collector.
 */
export async function loadCollectorKeys(folder: string, collectorId: string): Promise<CollectorKeys> {
  const authority = (await readFileOf(join(folder, KEY_FILES.authority))).toString();
  const server = await readServer(folder);
  const rootHex = (await readFileOf(join(folder, KEY_FILES.rootPublic))).toString().trim();
  const pollSigner = await signerOf(folder, KEY_FILES.poll);
  const rootKey = new Uint8Array(Buffer.from(rootHex, 'hex'));
  const pin = pinOf(readCertificate(authority, join(folder, KEY_FILES.authority)));
  const identity = { collectorId, rootKey, pin, pollSigner, keys: await readStatements(folder) };
  await checkStatement(identity, folder);
  return { identity, tls: { certificate: server.certificate + authority, privateKey: server.privateKey } };
}

/** Issues a new server certificate when the present one ends within 30 days. Returns whether it did. */
export async function renewServer(folder: string, collectorId: string, host: string, clock: Clock): Promise<boolean> {
  const present = await readServer(folder);
  const now = clock.now();
  if (Date.parse(readCertificate(present.certificate, join(folder, KEY_FILES.server)).validTo) - now.wallMs > RENEW_MS)
    return false;
  const certificate = (await readFileOf(join(folder, KEY_FILES.authority))).toString();
  const privateKey = await readSecretFile(join(folder, KEY_FILES.authorityKey));
  const server = await issueServer({ certificate, privateKey }, collectorId, host, now);
  await replaceFile(join(folder, KEY_FILES.server), server.privateKey + server.certificate, SECRET);
  return true;
}

async function readServer(folder: string): Promise<Certified> {
  const path = join(folder, KEY_FILES.server);
  const pem = await readSecretFile(path);
  const [privateKey] = PRIVATE_KEY.exec(pem) ?? [];
  if (privateKey === undefined) throw new FarolaError('key-file-invalid', { path, reason: 'no private key in PEM' });
  const certificate = pem.replace(privateKey, '');
  readCertificate(certificate, path);
  return { privateKey, certificate };
}

function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new FarolaError('key-file-invalid', { path, reason: 'no certificate in PEM' }, { cause: error });
  }
}

async function readStatements(folder: string): Promise<Uint8Array[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOfFailure(error) !== 'ENOENT') throw accessFailure(error, folder);
    throw new FarolaError('not-initialised', { path: folder, command: 'farola-collector init' }, { cause: error });
  });
  const statements = names.filter((name) => STATEMENT.test(name)).sort();
  return Promise.all(statements.map(async (name) => new Uint8Array(await readFileOf(join(folder, name)))));
}

async function checkStatement({ collectorId, rootKey, pin, pollSigner, keys }: CollectorIdentity, path: string): Promise<void> {
  const newest = keys.at(-1);
  const opened = newest && openSigned(KEYS, newest, [rootKey], await sodiumVerify());
  const fits =
    opened?.ok === true &&
    opened.value.collectorId === collectorId &&
    opened.value.pollKeys.some((key) => sameBytes(key, pollSigner.publicKey)) &&
    opened.value.pins.some((one) => sameBytes(one, pin));
  if (fits) return;
  const reason = `its keys statement is not that of collector ${collectorId} and of the keys beside it`;
  throw new FarolaError('key-file-invalid', { path, reason });
}

async function signerOf(folder: string, name: string): Promise<Signer> {
  return sodiumSigner(await readSigningKey(join(folder, name)));
}
