import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSigningKeyPem, readSigningKey } from '@farola/collector/trust/fs-key-file.js';
import { sodiumSigner } from '@farola/collector/trust/sodium-signer.js';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

function keyFile(t: ExecutionContext, pem: string): string {
  const path = join(temporaryFolder(t), 'poll.key');
  writeFileSync(path, pem, { mode: 0o600 });
  return path;
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

test('the seed of an Ed25519 key is read, and signs as the key that it is of', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { publicKey: ours } = await sodiumSigner(await readSigningKey(keyFile(t, pemOf(privateKey))));
  const { x } = publicKey.export({ format: 'jwk' });
  t.is(x, Buffer.from(ours).toString('base64url'));
  t.is((await readSigningKey(keyFile(t, newSigningKeyPem()))).length, 32);
});

const OTHERS: Readonly<Record<string, KeyObject>> = {
  'X25519, whose seed has as many bytes': generateKeyPairSync('x25519').privateKey,
  'P-256, the same': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'Ed448': generateKeyPairSync('ed448').privateKey,
  'RSA': generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
};
for (const [name, key] of Object.entries(OTHERS)) {
  test(`a key of another kind is refused: ${name}`, async (t) => {
    const path = keyFile(t, pemOf(key));
    await t.throwsAsync(readSigningKey(path), { code: 'key-file-invalid' });
  });
}

test('what is no private key is refused, the public part too', async (t) => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  for (const text of ['', 'x', spki]) await t.throwsAsync(readSigningKey(keyFile(t, text)), { code: 'key-file-invalid' });
});
