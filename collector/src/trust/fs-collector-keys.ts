import { X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, FarolaError, KEYS, pinOf, type Signer, signMessage, syncFolder } from '@farola/shared';
import { accessFailure } from '../store/access-failure.js';
import type { CollectorIdentity } from '../link/collector-identity.js';
import { newSigningKeyPem, PUBLIC, readSigningKey, replaceFile, SECRET, writeNewFile } from './fs-key-file.js';
import {
  authorityInUse,
  KEY_FILES,
  readCertificate,
  readCertified,
  readRootPublic,
  readStatements,
  signerInUse,
  type Statement,
  statementFile,
} from './fs-key-files.js';
import { sodiumSigner } from './sodium-signer.js';
import { type Certified, issueServer, makeAuthority } from './x509-authority.js';

const RENEW_MS = 30 * 86_400_000;
/** Version of the protocol that statements are written in: whoever reads any version reads it. */
export const STATEMENT_VERSION = 1;

/** Everything that `run` needs of the keys folder. */
export interface CollectorKeys {
  readonly identity: CollectorIdentity;
  /** Signs commands. */
  readonly commandSigner: Signer;
  /** Server certificate followed by its authority, and the key, PEM. */
  readonly tls: Certified;
  /** The newest statement. */
  readonly newest: Statement;
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
  const sequence = 1;
  const fields = { version: STATEMENT_VERSION, collectorId, sequence, issuedAt: now.wallMs, ...keys };
  await writeNewFile(file(statementFile(sequence)), signMessage(KEYS, fields, root), PUBLIC);
  await syncFolder(folder);
}

/**
 * Loads what a running collector needs, without the root key's private part, and sees that it belongs together. Errors
 * as `readSigningKey`; `keys-foreign` for those of another collector, `key-file-invalid` when the newest statement is not that of these keys and this collector.
 */
export async function loadCollectorKeys(folder: string, collectorId: string): Promise<CollectorKeys> {
  const statements = await readStatements(folder, collectorId);
  const newest = statements.at(-1);
  if (!newest) throw new FarolaError('key-file-invalid', { path: folder, reason: 'no keys statement is there' });
  const rootKey = await readRootPublic(folder);
  const { pin, certificate, serverPath } = await authorityInUse(folder, newest.keys);
  const server = await readCertified(serverPath);
  const pollSigner = await signerInUse(folder, 'poll', newest.keys);
  const identity = { collectorId, rootKey, pin, pollSigner, keys: statements.map(({ signed }) => signed) };
  const tls = { certificate: server.certificate + certificate, privateKey: server.privateKey };
  return { identity, tls, newest, commandSigner: await signerInUse(folder, 'command', newest.keys) };
}

/** Issues a new server certificate when the present one ends within 30 days. Returns whether it did. */
export async function renewServer(folder: string, collectorId: string, host: string, clock: Clock): Promise<boolean> {
  const newest = (await readStatements(folder, collectorId)).at(-1);
  if (!newest) throw new FarolaError('key-file-invalid', { path: folder, reason: 'no keys statement is there' });
  const { serverPath, ...authority } = await authorityInUse(folder, newest.keys);
  const present = await readCertified(serverPath);
  const now = clock.now();
  if (Date.parse(readCertificate(present.certificate, serverPath).validTo) - now.wallMs > RENEW_MS) return false;
  const server = await issueServer(authority, collectorId, host, now);
  await replaceFile(serverPath, server.privateKey + server.certificate, SECRET);
  return true;
}

async function signerOf(folder: string, name: string): Promise<Signer> {
  return sodiumSigner(await readSigningKey(join(folder, name)));
}
