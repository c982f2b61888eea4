import { nodeVerify } from '@farola/agent/trust/node-verify.js';
import { signerOf } from '@farola/agent/trust/tweetnacl-signer.js';
import { fromHex, kidOf, toHex } from '@farola/shared';
import test from 'ava';
import { RFC_8032 } from '../../fakes/rfc8032.js';

for (const [index, [seed, publicKey, message, signature]] of RFC_8032.entries()) {
  test(`signs and verifies vector ${index + 1} of RFC 8032`, (t) => {
    const signer = signerOf(fromHex(seed));
    t.is(toHex(signer.publicKey), publicKey);
    t.deepEqual(signer.kid, kidOf(signer.publicKey));
    t.is(toHex(signer.sign(fromHex(message))), signature);
    t.true(nodeVerify()(signer.publicKey, fromHex(message), fromHex(signature)));
  });
}

test('a seed of another length is a mistake of the programmer', (t) => {
  for (const length of [0, 31, 33, 64]) t.throws(() => signerOf(new Uint8Array(length)), { instanceOf: RangeError });
});
