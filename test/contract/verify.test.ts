import { fromHex, joinBytes, toHex, type Verify } from '@farola/shared';
import test from 'ava';
import nacl from 'tweetnacl';
import { forgedUnder, malleated, NEUTRAL_POINT } from '../fakes/odd-signatures.js';
import { RFC_8032 } from '../fakes/rfc8032.js';
import { sodiumVerify } from '../fakes/sodium-verify.js';
import { nodeVerify, testSigner } from '../fakes/test-signer.js';
import { loadCases } from '../unit/shared/vectors/load.js';

/** What fills the port: the agent's and the collector's. */
const VERIFIERS: Readonly<Record<string, Verify>> = { 'the agent': nodeVerify, 'the collector': sodiumVerify };

const SIGNER = testSigner(1);
const { publicKey } = SIGNER;
const MESSAGE = Buffer.from('a poll or an answer');
const SIGNATURE = SIGNER.sign(MESSAGE);

/** These bytes with one bit changed, for each of their bits. */
function* flips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    yield bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  }
}

/** Keys of keys.json that no point of large order stands behind. */
const ODD_KEYS = loadCases('keys.json').filter((one) => one.code !== null && one.publicKey.length === 64);

for (const [who, verify] of Object.entries(VERIFIERS)) {
  test(`${who} accepts the vectors of RFC 8032, the empty message among them`, (t) => {
    for (const [, key, message, signature] of RFC_8032) t.true(verify(fromHex(key), fromHex(message), fromHex(signature)));
    t.is(RFC_8032[0][2], '');
  });

  test(`${who} accepts good signatures of many keys, and of one again`, (t) => {
    for (let byte = 0; byte < 40; byte++) {
      const signer = testSigner(byte);
      t.true(verify(signer.publicKey, MESSAGE, signer.sign(MESSAGE)));
    }
    t.true(verify(publicKey, MESSAGE, SIGNATURE));
  });

  test(`${who} refuses a signature, a message and a key with any one bit changed`, (t) => {
    for (const changed of flips(SIGNATURE)) t.false(verify(publicKey, MESSAGE, changed), toHex(changed));
    for (const changed of flips(MESSAGE)) t.false(verify(publicKey, changed, SIGNATURE), toHex(changed));
    for (const changed of flips(publicKey)) t.false(verify(changed, MESSAGE, SIGNATURE), toHex(changed));
  });

  test(`${who} refuses a good signature of another key, of another message, and over the empty message`, (t) => {
    t.false(verify(publicKey, MESSAGE, testSigner(2).sign(MESSAGE)));
    t.false(verify(publicKey, MESSAGE, SIGNER.sign(Buffer.from('another'))));
    t.false(verify(publicKey, new Uint8Array(0), SIGNATURE));
    t.false(verify(publicKey, MESSAGE, SIGNER.sign(new Uint8Array(0))));
  });

  test(`C21: ${who} refuses S not below the group order, which tweetnacl takes`, (t) => {
    for (const message of [MESSAGE, new Uint8Array(0)]) {
      const other = malleated(SIGNER.sign(message));
      t.true(nacl.sign.detached.verify(message, other, publicKey));
      t.false(verify(publicKey, message, other));
    }
  });

  test(`${who} refuses signatures and keys of other lengths without throwing`, (t) => {
    for (const length of [0, 1, 32, 63]) t.false(verify(publicKey, MESSAGE, SIGNATURE.subarray(0, length)), `${length}`);
    for (const extra of [1, 64])
      t.false(verify(publicKey, MESSAGE, joinBytes(SIGNATURE, new Uint8Array(extra))), `64 + ${extra}`);
    for (const length of [0, 31]) t.false(verify(publicKey.subarray(0, length), MESSAGE, SIGNATURE), `key of ${length}`);
    t.false(verify(joinBytes(publicKey, new Uint8Array(1)), MESSAGE, SIGNATURE), 'key of 33');
    t.false(verify(publicKey, MESSAGE, new Uint8Array(64)));
    t.false(verify(publicKey, MESSAGE, new Uint8Array(64).fill(0xff)));
  });

  for (const { name, publicKey: key, code } of ODD_KEYS) {
    test(`C22: ${who} refuses what can be forged under a key that is ${code}: ${name}`, (t) => {
      const { message, signature } = forgedUnder(fromHex(key));
      t.false(verify(fromHex(key), message, signature));
      t.false(verify(fromHex(key), message, joinBytes(NEUTRAL_POINT, new Uint8Array(32))));
    });
  }
}

test('what is forged under keys of small order is no straw man: tweetnacl takes it under all but those it cannot read', (t) => {
  const taken = ODD_KEYS.filter(({ publicKey: key }) => {
    const { message, signature } = forgedUnder(fromHex(key));
    return nacl.sign.detached.verify(message, signature, fromHex(key));
  });
  t.log(taken.map(({ name }) => name).join('; '));
  t.true(taken.length >= 10, `${taken.length}`);
});

test('keys.json has keys of every order that divides 8, and such that are not canonical', (t) => {
  const codes = new Set(ODD_KEYS.map(({ code }) => code));
  t.deepEqual([...codes].sort(), ['key-not-canonical', 'key-small-order']);
  for (const order of [1, 2, 4, 8]) t.true(ODD_KEYS.some(({ name }) => name.startsWith(`order ${order},`)));
});
