import { verifyHello } from '@farola/agent/link/verify-hello.js';
import { type ErrorCode, HELLO, POLL, seal, signMessage, contentTypeOf, encodeCbor } from '@farola/shared';
import test from 'ava';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';

const POLL_KEY = testSigner(1);
const NEXT_POLL_KEY = testSigner(2);
const KEYS = { collectorId: 'malaga', pollKeys: [POLL_KEY.publicKey, NEXT_POLL_KEY.publicKey] };
const GOOD = { version: 1, collectorId: 'malaga', versions: [1], encodings: [], nonce: new Uint8Array(16), issuedAt: 5 };

function tampered(signed: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(signed);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

test('accepts a hello of our collector under any of its poll keys, and takes the highest common version', (t) => {
  for (const key of [POLL_KEY, NEXT_POLL_KEY]) {
    const accepted = verifyHello(signMessage(HELLO, { ...GOOD, versions: [1, 2, 7] }, key), KEYS, nodeVerify);
    t.like(accepted, { ok: true, value: { version: 1 } });
  }
});

const refused: [string, ErrorCode, Uint8Array][] = [
  ['that is no COSE', 'cose-malformed', Uint8Array.of(1, 2, 3)],
  ['under another key', 'header-unexpected', signMessage(HELLO, GOOD, testSigner(9))],
  ['that is signed as another kind', 'header-unexpected', seal(contentTypeOf(POLL), encodeCbor(new Map()), POLL_KEY)],
  ['with a broken signature', 'signature-invalid', tampered(signMessage(HELLO, GOOD, POLL_KEY))],
  ['whose payload is no CBOR', 'payload-malformed', seal(contentTypeOf(HELLO), Uint8Array.of(0xff), POLL_KEY)],
  ['of another collector', 'collector-mismatch', signMessage(HELLO, { ...GOOD, collectorId: 'granada' }, POLL_KEY)],
  ['without a common version', 'version-unknown', signMessage(HELLO, { ...GOOD, versions: [2, 3] }, POLL_KEY)],
  ['written in an unknown version', 'version-unknown', signMessage(HELLO, { ...GOOD, version: 9 }, POLL_KEY)],
];

for (const [what, code, signed] of refused) {
  test(`refuses a hello ${what}: ${code}`, (t) => {
    t.like(verifyHello(signed, KEYS, nodeVerify), { ok: false, code });
  });
}
