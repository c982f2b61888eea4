import { createHash, type X509Certificate } from 'node:crypto';

/** Pin of a certificate: SHA-256 of its SubjectPublicKeyInfo (RFC 7469 section 2.4), 32 bytes. */
export function pinOf(certificate: X509Certificate): Uint8Array {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return new Uint8Array(createHash('sha256').update(spki).digest());
}

/** The DNS name that a collector's certificate carries, whatever address the collector is reached at. */
export function certificateName(collectorId: string): string {
  return `${collectorId}.collector.farola.internal`;
}
