import type { X509Certificate } from 'node:crypto';
import { certificateName, pinOf, refuse, sameBytes } from '@farola/shared';
import type { Refusal } from '@farola/shared';

/** What a collector's certificate must fit. */
export interface PinnedCollector {
  readonly address: string;
  readonly collectorId: string;
  /** SHA-256 of the SubjectPublicKeyInfo of each accepted certificate authority. */
  readonly pins: readonly Uint8Array[];
  /** Wall time to check validity against, ms since 1970 UTC; undefined when the clock cannot be believed. */
  readonly atMs: number | undefined;
}

/** Extended key usage id-kp-serverAuth, RFC 5280 section 4.2.1.12. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Judges the certificates that a server showed, leaf first: one of the others must be a pinned authority, and must have
 * signed the leaf, which is a server's and not an authority itself. Refuses with `pin-mismatch` or
 * `certificate-invalid`; undefined when all is well.
 */
export function checkChain([leaf, ...others]: readonly X509Certificate[], pinned: PinnedCollector): Refusal | undefined {
  const { address, collectorId, pins, atMs } = pinned;
  const invalid = (reason: string): Refusal => refuse('certificate-invalid', { address, reason });
  if (!leaf) return invalid('none was shown');
  const authority = others.find((one) => one.ca && pins.some((pin) => sameBytes(pin, pinOf(one))));
  if (!authority) return refuse('pin-mismatch', { address });
  if (leaf.ca) return invalid('it is that of an authority');
  if (!leaf.checkIssued(authority) || !leaf.verify(authority.publicKey)) return refuse('pin-mismatch', { address });
  // Undefined when the certificate says nothing of its use, which @types/node leaves out.
  const { keyUsage } = leaf as { keyUsage: readonly string[] | undefined };
  if (!keyUsage?.includes(SERVER_AUTH)) return invalid('it is not for servers');
  const name = certificateName(collectorId);
  if (leaf.checkHost(name, { subject: 'never', wildcards: false }) === undefined) return invalid(`it does not name ${name}`);
  if (atMs === undefined) return undefined;
  for (const one of [leaf, authority]) {
    if (atMs < Date.parse(one.validFrom)) return invalid(`it begins on ${one.validFrom}`);
    if (atMs > Date.parse(one.validTo)) return invalid(`it ended on ${one.validTo}`);
  }
  return undefined;
}
