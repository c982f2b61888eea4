import {
  type Cbor,
  commonVersion,
  decodeCbor,
  encodeCbor,
  encodeMessage,
  HELLO,
  KINDS,
  LABEL_NAMES,
  LABELS,
  messageType,
  openSigned,
  parseMessage,
  POLL,
  signMessage,
  toHex,
  type Kind,
} from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { nodeVerify } from '../../../fakes/test-signer.js';
import { cborValues } from '../arbitraries.js';
import { runs } from '../runs.js';
import { EXAMPLES, exampleOf, fill } from '../vectors/examples.js';

for (const { type, value } of EXAMPLES) {
  test(`a ${type.kind} comes back as it was written`, (t) => {
    const bytes = encodeMessage(type, value);
    const parsed = parseMessage(type, bytes);
    if (!parsed.ok) return t.fail(parsed.code);
    t.deepEqual(Object.keys(parsed.value).sort(), Object.keys(value).sort());
    t.is(toHex(encodeMessage(type, parsed.value)), toHex(bytes));
  });
}

for (const { type, value } of EXAMPLES) {
  test(`a ${type.kind} that lacks any one of its fields is refused`, (t) => {
    const fields = decodeCbor(encodeMessage(type, value)) as ReadonlyMap<number, Cbor>;
    for (const label of fields.keys()) {
      const parsed = parseMessage(type, encodeCbor(new Map([...fields].filter(([one]) => one !== label))));
      t.is(parsed.ok ? 'ok' : parsed.code, label === LABELS.version ? 'version-unknown' : 'message-invalid', `${label}`);
    }
  });
}

test('a message shares the byte strings that are known, and those alone', (t) => {
  const { type, value } = exampleOf('poll');
  const bytes = encodeMessage(type, value);
  const { nonce, lcuNonce } = exampleOf('poll').value as { nonce: Uint8Array; lcuNonce: Uint8Array };
  const known = [nonce, lcuNonce.map((byte) => byte ^ 1), lcuNonce.slice(1), new Uint8Array(0)];
  const parsed = parseMessage(POLL, bytes, known);
  if (!parsed.ok) return t.fail(parsed.code);
  t.is(parsed.value.nonce, nonce);
  t.is(toHex(parsed.value.lcuNonce), toHex(lcuNonce));
  t.is(toHex(encodeMessage(POLL, parsed.value)), toHex(bytes));
  t.not(parsed.value.lcuNonce.buffer, bytes.buffer);
});

test('no payload makes the parser throw', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...EXAMPLES), cborValues(4), ({ type }, value) => {
      const parsed = parseMessage(type, encodeCbor(value));
      return !parsed.ok;
    }),
    runs(500),
  );
  fc.assert(
    fc.property(fc.constantFrom(...EXAMPLES), fc.nat(), fc.nat(255), ({ type, value }, at, byte) => {
      const bytes = encodeMessage(type, value);
      bytes[at % bytes.length] = byte;
      parseMessage(type, bytes);
    }),
    runs(2000),
  );
  t.pass();
});

test('no signed message cut short or with a byte changed is opened', (t) => {
  const { type, value, signer } = exampleOf('hello');
  const good = signMessage(type, value, signer);
  for (let i = 0; i < good.length; i++) {
    t.false(openSigned(HELLO, good.subarray(0, i), [signer.publicKey], nodeVerify).ok);
    const changed = good.map((byte, at) => (at === i ? byte ^ 0x01 : byte));
    t.false(openSigned(HELLO, changed, [signer.publicKey], nodeVerify).ok);
  }
});

test('numbers and labels stand for one thing each', (t) => {
  const numbers = Object.values<Kind>(KINDS).map(({ number }) => number);
  t.is(new Set(numbers).size, numbers.length);
  t.is(LABEL_NAMES.size, Object.keys(LABELS).length);
  const types = Object.values<Kind>(KINDS).flatMap(({ contentType }) => contentType ?? []);
  t.is(new Set(types).size, types.length);
});

test('poll and answer use labels of one byte alone, version aside', (t) => {
  for (const kind of ['poll', 'answer'] as const) {
    for (const name of Object.keys(exampleOf(kind).type.schema.shape)) t.true(LABELS[name as keyof typeof LABELS] < 24, name);
  }
});

test('a message type whose field has no label is a mistake of ours', (t) => {
  t.throws(() => messageType('poll', z.strictObject({ colour: z.string() })), { instanceOf: TypeError });
});

test('a field that is missing when a message is written is a mistake of ours', (t) => {
  const { value } = exampleOf('poll');
  const { want: _want, ...rest } = value;
  t.throws(() => encodeMessage(POLL, rest as never), { instanceOf: TypeError });
});

test('the highest version that both speak is used', (t) => {
  t.is(commonVersion([1, 2, 3], [2, 3, 4]), 3);
  t.is(commonVersion([1], [2]), undefined);
  t.is(commonVersion([1], []), undefined);
});

test('the reason of a refusal names the field', (t) => {
  const { type, value } = exampleOf('hello');
  const parsed = parseMessage(type, encodeMessage(type, { ...value, nonce: fill(15, 1) }));
  t.like(parsed, { ok: false, facts: { reason: 'nonce: must be a byte string of 16 bytes' } });
});
