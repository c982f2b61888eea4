import { X509Certificate } from 'node:crypto';
import { checkChain } from '@farola/agent/link/check-chain.js';
import { certificateName, pinOf } from '@farola/shared';
import type { ErrorCode } from '@farola/shared';
import test from 'ava';
import { oddCertificate, type OddOptions } from '../../fakes/odd-certificates.js';
import { testAuthority } from '../../fakes/test-authority.js';

const AT_MS = Date.UTC(2026, 10, 22);
const read = ({ pem }: { pem: string }): X509Certificate => new X509Certificate(pem);
const authority = await oddCertificate({ ca: true, subject: 'CN=Authority', serverAuth: false, name: null });
const namesake = await oddCertificate({ ca: true, subject: 'CN=Authority', serverAuth: false, name: null });
const pinned = { address: 'wss://x:1', collectorId: 'malaga', pins: [new Uint8Array(32), pinOf(read(authority))], atMs: AT_MS };
const leafOf = async (options: OddOptions = {}): Promise<X509Certificate> =>
  read(await oddCertificate({ issuer: authority, ...options }));

test('accepts a server certificate that a pinned authority issued', async (t) => {
  t.is(checkChain([await leafOf(), read(authority)], pinned), undefined);
});

test('accepts what the collector makes for itself', async (t) => {
  const made = await testAuthority('malaga');
  const [leaf, ca] = [new X509Certificate(made.server.certificate), new X509Certificate(made.authority.certificate)];
  t.is(checkChain([leaf, ca], { ...pinned, pins: [pinOf(ca)], atMs: Date.now() }), undefined);
});

const refused: [string, ErrorCode, () => Promise<X509Certificate[]>][] = [
  ['nothing', 'certificate-invalid', async () => []],
  ['a leaf without its authority', 'pin-mismatch', async () => [await leafOf()]],
  ['another authority', 'pin-mismatch', async () => [await leafOf({ issuer: namesake }), read(namesake)]],
  [
    'a leaf of another authority beside the pinned one',
    'pin-mismatch',
    async () => [await leafOf({ issuer: await oddCertificate({ ca: true, subject: 'CN=B' }) }), read(authority)],
  ],
  [
    'a leaf of a namesake of the pinned authority',
    'pin-mismatch',
    async () => [await leafOf({ issuer: namesake }), read(authority)],
  ],
  ['the pinned authority itself', 'pin-mismatch', async () => [read(authority)]],
  ['the pinned authority twice', 'certificate-invalid', async () => [read(authority), read(authority)]],
  ['an authority that the pinned one issued', 'certificate-invalid', async () => [await leafOf({ ca: true }), read(authority)]],
  [
    'a certificate that is not for servers',
    'certificate-invalid',
    async () => [await leafOf({ serverAuth: false }), read(authority)],
  ],
  [
    'a certificate of another collector',
    'certificate-invalid',
    async () => [await leafOf({ name: certificateName('granada') }), read(authority)],
  ],
  ['a wildcard', 'certificate-invalid', async () => [await leafOf({ name: '*.collector.farola.internal' }), read(authority)]],
  ['a certificate without a name', 'certificate-invalid', async () => [await leafOf({ name: null }), read(authority)]],
  [
    'a certificate that ended',
    'certificate-invalid',
    async () => [await leafOf({ notAfter: new Date('2025-01-01') }), read(authority)],
  ],
  [
    'a certificate that has not begun',
    'certificate-invalid',
    async () => [await leafOf({ notBefore: new Date('2030-01-01') }), read(authority)],
  ],
];

for (const [what, code, chain] of refused) {
  test(`H79: refuses ${what}: ${code}`, async (t) => {
    t.like(checkChain(await chain(), pinned), { ok: false, code });
  });
}

test('refuses a pinned certificate that is no authority, though its key signed the leaf', async (t) => {
  const issuer = await oddCertificate({ ca: false, subject: 'CN=plain' });
  const pins = [pinOf(read(issuer))];
  t.like(checkChain([await leafOf({ issuer }), read(issuer)], { ...pinned, pins }), { code: 'pin-mismatch' });
});

test('H79: dates count for nothing while the clock is not believed', async (t) => {
  const chain = [await leafOf({ notAfter: new Date('2025-01-01') }), read(authority)];
  t.is(checkChain(chain, { ...pinned, atMs: undefined }), undefined);
});
