import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, FarolaError, KEYS, pinOf, PROTOCOL_VERSIONS, type Signer, signMessage } from '@farola/shared';
import type { CollectorIdentity } from '../link/collector-identity.js';
import { newSigningKeyPem, readSecretFile, readSigningKey, writePublicFile, writeSecretFile } from './fs-key-file.js';
import { sodiumSigner } from './sodium-signer.js';
import { type Certified, issueServer, makeAuthority } from './x509-authority.js';

/** Files of the keys folder. */
export const KEY_FILES = {
  root: 'root.key',
  poll: 'poll.key',
  command: 'command.key',
  rootPublic: 'root.pub',
  authorityKey: 'ca.key',
  authority: 'ca.pem',
  serverKey: 'tls.key',
  server: 'tls.pem',
} as const;

const STATEMENT = /^keys-(\d{6})\.cose$/;
const RENEW_MS = 30 * 86_400_000;

/** Everything that `run` needs of the keys folder. */
export interface CollectorKeys {
  readonly identity: CollectorIdentity;
  /** Server certificate followed by its authority, and the key, PEM. */
  readonly tls: Certified;
}

/**
 * Makes every key of a collector: root, poll and command key, the certificate authority with one server certificate,
 * and the first keys statement, signed with the root key. Error: `already-initialised`, before anything is written.
 */
export async function makeCollectorKeys(folder: string, collectorId: string, host: string, clock: Clock): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const present = await readdir(folder);
  if (present.length > 0) throw new FarolaError('already-initialised', { path: folder });
  const file = (name: string): string => join(folder, name);
  for (const name of [KEY_FILES.root, KEY_FILES.poll, KEY_FILES.command]) {
    await writeSecretFile(file(name), newSigningKeyPem());
  }
  const now = clock.now();
  const authority = await makeAuthority(collectorId, now);
  await writeSecretFile(file(KEY_FILES.authorityKey), authority.privateKey);
  await writePublicFile(file(KEY_FILES.authority), authority.certificate);
  const server = await issueServer(authority, collectorId, host, now);
  await writeSecretFile(file(KEY_FILES.serverKey), server.privateKey);
  await writePublicFile(file(KEY_FILES.server), server.certificate);
  const root = await signerOf(folder, KEY_FILES.root);
  await writePublicFile(file(KEY_FILES.rootPublic), Buffer.from(root.publicKey).toString('hex') + '\n');
  const statement = signMessage(
    KEYS,
    {
      version: Math.max(...PROTOCOL_VERSIONS),
      collectorId,
      sequence: 1,
      rootKey: root.publicKey,
      pollKeys: [(await signerOf(folder, KEY_FILES.poll)).publicKey],
      commandKeys: [(await signerOf(folder, KEY_FILES.command)).publicKey],
      pins: [pinOf(new X509Certificate(authority.certificate))],
      issuedAt: now.wallMs,
    },
    root,
  );
  await writePublicFile(file('keys-000001.cose'), statement);
}

/** Loads what a running collector needs; the root key's private part is not among it. Errors as `readSigningKey`. */
export async function loadCollectorKeys(folder: string, collectorId: string): Promise<CollectorKeys> {
  const authority = await readPublic(join(folder, KEY_FILES.authority));
  const certificate = await readPublic(join(folder, KEY_FILES.server));
  const privateKey = await readSecretFile(join(folder, KEY_FILES.serverKey));
  const rootKey = Buffer.from((await readPublic(join(folder, KEY_FILES.rootPublic))).trim(), 'hex');
  const names = (await readdir(folder)).filter((name) => STATEMENT.test(name)).sort();
  const keys = await Promise.all(names.map(async (name) => new Uint8Array(await readFile(join(folder, name)))));
  const pollSigner = await signerOf(folder, KEY_FILES.poll);
  return {
    identity: { collectorId, rootKey: new Uint8Array(rootKey), pin: pinOf(new X509Certificate(authority)), pollSigner, keys },
    tls: { certificate: certificate + authority, privateKey },
  };
}

/** Issues a new server certificate when the present one ends within 30 days. Returns whether it did. */
export async function renewServer(folder: string, collectorId: string, host: string, clock: Clock): Promise<boolean> {
  const present = new X509Certificate(await readPublic(join(folder, KEY_FILES.server)));
  if (Date.parse(present.validTo) - clock.now().wallMs > RENEW_MS) return false;
  const authority = {
    certificate: await readPublic(join(folder, KEY_FILES.authority)),
    privateKey: await readSecretFile(join(folder, KEY_FILES.authorityKey)),
  };
  const server = await issueServer(authority, collectorId, host, clock.now());
  await replaceFile(join(folder, KEY_FILES.serverKey), server.privateKey, 0o600);
  await replaceFile(join(folder, KEY_FILES.server), server.certificate, 0o644);
  return true;
}

async function signerOf(folder: string, name: string): Promise<Signer> {
  return sodiumSigner(await readSigningKey(join(folder, name)));
}

async function readPublic(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new FarolaError('not-initialised', { path, command: 'farola-collector init' });
    throw error;
  });
}

async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  await writeFile(`${path}.new`, content, { mode, flush: true });
  await rename(`${path}.new`, path);
}
