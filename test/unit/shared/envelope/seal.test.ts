import { execFileSync } from 'node:child_process';
import {
  cutFrame,
  cutItems,
  cutOut,
  cutOutOf,
  encodeCodedFrame,
  encodeFrame,
  encodeItems,
  HELLO,
  kidInHeader,
  kidOf,
  KINDS,
  LIMITS,
  MalformedCbor,
  openSigned,
  POLL,
  protectedHeader,
  readAnswerFrame,
  seal,
  sha256,
  signMessage,
  toBeSigned,
  toHex,
} from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { sodiumVerify } from '../../../fakes/sodium-verify.js';
import { nodeVerify } from '../../../fakes/test-signer.js';
import { runs } from '../runs.js';
import { exampleOf, EXAMPLES, SIGNERS } from '../vectors/examples.js';

const TYPE = 'application/vnd.farola.test+cbor';

test('what was sealed is cut out again, and both verifiers accept it', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (payload) => {
      const cut = cutOut(seal(TYPE, payload, SIGNERS.lcu));
      const message = toBeSigned(cut.protectedHeader, cut.payload);
      return (
        Buffer.compare(cut.payload, payload) === 0 &&
        Buffer.compare(cut.protectedHeader, protectedHeader(TYPE, SIGNERS.lcu.kid)) === 0 &&
        [nodeVerify, sodiumVerify].every((verify) => verify(SIGNERS.lcu.publicKey, message, cut.signature))
      );
    }),
    runs(100),
  );
  t.pass();
});

test('security: no message opens as another kind, though the same key signs it', (t) => {
  for (const example of EXAMPLES) {
    const signed = seal(`application/vnd.farola.x+cbor`, new Uint8Array(0), example.signer);
    t.like(openSigned(example.type, signed, [example.signer.publicKey], nodeVerify), { code: 'header-unexpected' });
    for (const other of EXAMPLES) {
      if (other.type.kind === example.type.kind) continue;
      const opened = openSigned(other.type, signedOf(example), [example.signer.publicKey], nodeVerify);
      t.like(opened, { ok: false, code: 'header-unexpected' });
    }
  }
});

function signedOf({ type, value, signer }: (typeof EXAMPLES)[number]): Uint8Array {
  return signMessage(type, value, signer);
}

test('one of several keys is found by its kid', (t) => {
  const signed = signedOf(exampleOf('poll'));
  const keys = [SIGNERS.otherPoll.publicKey, SIGNERS.poll.publicKey];
  t.true(openSigned(POLL, signed, keys, nodeVerify).ok);
  t.like(openSigned(POLL, signed, keys.slice(0, 1), nodeVerify), { ok: false, code: 'header-unexpected' });
  t.like(openSigned(POLL, signed, [], nodeVerify), { ok: false, code: 'header-unexpected' });
});

test('the key id is read from a header of the expected content type alone', (t) => {
  const { kid } = SIGNERS.lcu;
  t.is(toHex(kid), toHex(sha256(SIGNERS.lcu.publicKey).subarray(0, 8)));
  t.is(toHex(kidOf(SIGNERS.lcu.publicKey)), toHex(kid));
  const header = protectedHeader(TYPE, kid);
  t.deepEqual(kidInHeader(header, TYPE, 8) && toHex(kidInHeader(header, TYPE, 8) as Uint8Array), toHex(kid));
  t.is(kidInHeader(header, TYPE + 'x', 8), undefined);
  t.is(kidInHeader(new Uint8Array(3), TYPE, 8), undefined);
});

test('the caps hold to the byte', (t) => {
  const sized = (bytes: number): Uint8Array => {
    const around = seal(TYPE, new Uint8Array(bytes), SIGNERS.lcu).length - bytes;
    return seal(TYPE, new Uint8Array(bytes - around), SIGNERS.lcu);
  };
  const most = sized(LIMITS.signedBytes);
  const more = sized(LIMITS.signedBytes + 1);
  t.is(most.length, LIMITS.signedBytes);
  t.notThrows(() => cutOut(most));
  t.throws(() => cutOut(more), { instanceOf: MalformedCbor });
  t.notThrows(() => cutOutOf(more));
  t.notThrows(() => cutFrame(encodeFrame(1, most)));
  t.throws(() => cutFrame(encodeFrame(1, more)), { instanceOf: MalformedCbor });
});

test('an attachment holds 256 entries of up to 8 KiB in up to 128 KiB', (t) => {
  const entries = (count: number, bytes: number): Uint8Array =>
    encodeItems(Array.from({ length: count }, () => new Uint8Array(bytes)));
  t.is(cutItems(entries(256, 100)).items.length, 256);
  t.is(cutItems(entries(15, LIMITS.entryBytes)).items.length, 15);
  t.throws(() => cutItems(entries(257, 0)), { instanceOf: MalformedCbor });
  t.throws(() => cutItems(entries(1, LIMITS.entryBytes + 1)), { instanceOf: MalformedCbor });
  t.throws(() => cutItems(entries(16, LIMITS.entryBytes)), { instanceOf: MalformedCbor });
});

test('what travels beside a signature is capped to the byte, plain and coded', (t) => {
  const most = LIMITS.answerEntryBytes;
  /** Sixteen items, whose heads take three bytes each, and one byte before them. */
  const items = (bytes: number): Uint8Array => {
    const full = Array.from({ length: 15 }, () => new Uint8Array(LIMITS.entryBytes));
    return encodeItems([...full, new Uint8Array(bytes - 15 * LIMITS.entryBytes - 16 * 3 - 1)]);
  };
  t.is(items(most).length, most);
  t.is(cutItems(items(most)).items.length, 16);
  t.throws(() => cutItems(items(most + 1)), { instanceOf: MalformedCbor });
  const coded = (bytes: number) =>
    readAnswerFrame(encodeCodedFrame(KINDS.answer.number, new Uint8Array(1), new Uint8Array(bytes)));
  t.like(coded(most), { ok: true, value: { beside: { coded: { length: most } } } });
  t.like(coded(most + 1), { ok: false, code: 'frame-malformed' });
});

test('a frame is cut as it was made, whatever its entries', (t) => {
  const items = fc.option(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }), { nil: undefined });
  fc.assert(
    fc.property(fc.nat(1000), fc.uint8Array({ maxLength: 300 }), items, (kind, signed, list) => {
      const frame = cutFrame(encodeFrame(kind, signed, list));
      const same = frame.attachment?.items.map(toHex).join() === list?.map(toHex).join();
      return frame.kind === kind && toHex(frame.signed) === toHex(signed) && same;
    }),
    runs(300),
  );
  t.pass();
});

const LOOK = `
import sys, cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
signed, key = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2])
message = cbor2.loads(signed)
header, unprotected, payload, signature = message.value
Ed25519PublicKey.from_public_bytes(key).verify(signature, cbor2.dumps(['Signature1', header, b'', payload]))
head = cbor2.loads(header)
print(message.tag, unprotected, head[1], head[3], head[4].hex(), cbor2.dumps(cbor2.loads(payload), canonical=True) == payload, cbor2.dumps(message, canonical=True) == signed)
`;

for (const example of EXAMPLES) {
  test(`python3-cbor2 reads our ${example.type.kind}, and python3-cryptography verifies it`, (t) => {
    const output = execFileSync('/usr/bin/python3', ['-c', LOOK, toHex(signedOf(example)), toHex(example.signer.publicKey)], {
      encoding: 'utf8',
    });
    const kind = example.type.kind.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase());
    t.is(output.trim(), `18 {} -8 application/vnd.farola.${kind}+cbor ${toHex(example.signer.kid)} True True`);
  });
}

test('a hello is under 200 bytes on the wire', (t) => {
  t.true(signedOf(exampleOf(HELLO.kind)).length < 200);
});

test('a protected header has 128 bytes at most, whatever the signed part may have', (t) => {
  const withHeader = (bytes: number): Buffer =>
    Buffer.concat([
      Buffer.from([0xd2, 0x84, 0x58, bytes]),
      Buffer.alloc(bytes),
      Buffer.from('a0405840', 'hex'),
      Buffer.alloc(64),
    ]);
  t.is(cutOut(withHeader(128)).protectedHeader.length, 128);
  t.throws(() => cutOut(withHeader(129)), { instanceOf: MalformedCbor, message: /129 bytes is larger than 128/ });
});
