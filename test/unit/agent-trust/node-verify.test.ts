import { nodeVerify } from '@farola/agent/trust/node-verify.js';
import { signerOf } from '@farola/agent/trust/tweetnacl-signer.js';
import { fromHex } from '@farola/shared';
import test from 'ava';
import nacl from 'tweetnacl';

const signer = signerOf(new Uint8Array(32).fill(1));
const message = Buffer.from('poll');
const signature = signer.sign(message);
/** Order of the group, RFC 8032 section 5.1. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with S + L, which tweetnacl takes. */
function malleated(original: Uint8Array): Uint8Array {
  const s = BigInt('0x' + Buffer.from(original.subarray(32)).reverse().toString('hex')) + L;
  const copy = Uint8Array.from(original);
  copy.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse(), 32);
  return copy;
}

test('accepts a good signature, again and under several keys', (t) => {
  const verify = nodeVerify();
  for (let i = 0; i < 40; i++) {
    const other = signerOf(new Uint8Array(32).fill(i));
    t.true(verify(other.publicKey, message, other.sign(message)));
  }
  t.true(verify(signer.publicKey, message, signature));
});

test('refuses another message, key or signature', (t) => {
  const verify = nodeVerify();
  t.false(verify(signer.publicKey, Buffer.from('pole'), signature));
  t.false(verify(signerOf(new Uint8Array(32).fill(2)).publicKey, message, signature));
  t.false(verify(signer.publicKey, message, new Uint8Array(64)));
});

test('C21: refuses S not below the group order, which tweetnacl takes', (t) => {
  t.true(nacl.sign.detached.verify(message, malleated(signature), signer.publicKey));
  t.false(nodeVerify()(signer.publicKey, message, malleated(signature)));
});

test('refuses wrong lengths without throwing', (t) => {
  const verify = nodeVerify();
  for (const length of [0, 31, 33]) t.false(verify(new Uint8Array(length), message, signature));
  for (const length of [0, 63, 65]) t.false(verify(signer.publicKey, message, new Uint8Array(length)));
});

test('refuses keys of small order, under which one signature fits any message', (t) => {
  const identity = fromHex('0100000000000000000000000000000000000000000000000000000000000000');
  const forged = new Uint8Array(64);
  forged.set(identity);
  t.false(nodeVerify()(identity, message, forged));
});
