import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A key pair and its certificate. */
export interface OddCertificate {
  readonly pem: string;
  readonly keyPem: string;
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** What a certificate of a test says; good values where nothing is told. */
export interface OddOptions {
  readonly issuer?: OddCertificate;
  readonly subject?: string;
  readonly ca?: boolean;
  readonly name?: string | null;
  readonly serverAuth?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Makes a certificate, self-signed without an issuer, as good or bad as it is told to be. */
export async function oddCertificate(options: OddOptions = {}): Promise<OddCertificate> {
  const { issuer, ca = false, serverAuth = true, name = 'malaga.collector.farola.internal', subject = 'CN=odd' } = options;
  const { notBefore = new Date('2020-01-01'), notAfter = new Date('2040-01-01') } = options;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const usages = serverAuth ? [x509.ExtendedKeyUsage.serverAuth] : [x509.ExtendedKeyUsage.clientAuth];
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(name === null ? [] : [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
  return { pem: `${certificate.toString('pem')}\n`, keyPem, certificate, keys };
}
