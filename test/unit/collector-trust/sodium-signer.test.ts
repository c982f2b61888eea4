import { sodiumSigner } from '@farola/collector/trust/sodium-signer.js';
import { fromHex, kidOf, toHex } from '@farola/shared';
import test from 'ava';
import nacl from 'tweetnacl';
import { BASE_POINT, NEUTRAL_POINT, signedWithNeutralR } from '../../fakes/odd-signatures.js';
import { RFC_8032 } from '../../fakes/rfc8032.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';

for (const [index, [seed, publicKey, message, signature]] of RFC_8032.entries()) {
  test(`signs vector ${index + 1} of RFC 8032`, async (t) => {
    const signer = await sodiumSigner(fromHex(seed));
    t.is(toHex(signer.publicKey), publicKey);
    t.deepEqual(signer.kid, kidOf(fromHex(publicKey)));
    t.is(toHex(signer.sign(fromHex(message))), signature);
    t.true(sodiumVerify(signer.publicKey, fromHex(message), signer.sign(fromHex(message))));
  });
}

test('two signers at once sign each with its own key, again and again', async (t) => {
  const [one, other] = await Promise.all([1, 2].map((byte) => sodiumSigner(new Uint8Array(32).fill(byte))));
  const message = Buffer.from('poll');
  const signature = one!.sign(message);
  t.true(sodiumVerify(other!.publicKey, message, other!.sign(message)));
  t.false(sodiumVerify(other!.publicKey, message, signature));
  t.deepEqual(one!.sign(message), signature);
  t.true(sodiumVerify(one!.publicKey, message, signature));
});

test('a seed of another length makes no signer', async (t) => {
  for (const length of [0, 31, 33, 64]) await t.throwsAsync(sodiumSigner(new Uint8Array(length)), undefined, `${length}`);
});

test('refuses R of small order, for which the equation holds, in every form of it', (t) => {
  const message = Buffer.from('answer');
  const good = signedWithNeutralR(message);
  t.true(nacl.sign.detached.verify(message, good, BASE_POINT), 'the equation holds');
  t.false(sodiumVerify(BASE_POINT, message, good));
  const p = 2n ** 255n - 19n;
  const forms = [p + 1n, 1n + 2n ** 255n, p + 1n + 2n ** 255n];
  for (const form of forms) {
    const r = Buffer.from(form.toString(16).padStart(64, '0'), 'hex').reverse();
    t.not(toHex(r), toHex(NEUTRAL_POINT));
    t.false(sodiumVerify(BASE_POINT, message, signedWithNeutralR(message, r)), toHex(r));
  }
});
