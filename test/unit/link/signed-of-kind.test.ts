import { signedOfKind } from '@farola/agent/link/signed-of-kind.js';
import { encodeFrame, KINDS, toHex } from '@farola/shared';
import test from 'ava';

const SIGNED = Uint8Array.of(1, 2, 3);

test('gives the signed part of a frame of the expected kind', (t) => {
  const signed = signedOfKind('hello', encodeFrame(KINDS.hello.number, SIGNED));
  t.is(signed.ok && toHex(signed.value), toHex(SIGNED));
});

test('refuses another kind, anything beside the signed part, and what is no frame', (t) => {
  t.like(signedOfKind('hello', encodeFrame(KINDS.poll.number, SIGNED)), { code: 'frame-kind-unexpected' });
  t.like(signedOfKind('hello', encodeFrame(KINDS.hello.number, SIGNED, [])), { code: 'frame-malformed' });
  t.like(signedOfKind('hello', Uint8Array.of(0xff)), { code: 'frame-malformed' });
});
