import {
  BatchDecoder,
  chainHead,
  chainSeed,
  codeOf,
  contentTypeOf,
  cutFrame,
  decodeCbor,
  decodeEntry,
  encodeCbor,
  encodeFrame,
  encodeMessage,
  ENTRY_KINDS,
  type ErrorCode,
  fromHex,
  type KINDS,
  MalformedCbor,
  openSigned,
  parseMessage,
  parseToken,
  peekEntry,
  sixWords,
  toHex,
  vetPublicKey,
} from '@farola/shared';
import test from 'ava';
import { sodiumVerify } from '../../../fakes/sodium-verify.js';
import { nodeVerify } from '../../../fakes/test-signer.js';
import { diagnostic } from './diagnostic.js';
import { exampleOf } from './examples.js';
import { loadCases, readVectors } from './load.js';
import { FILES, textOf } from './make.js';

for (const [name, make] of Object.entries(FILES)) {
  test(`${name} is what the code makes: no byte of a published format has changed`, (t) => {
    t.true(textOf(make()) === readVectors(name), `node test/dist/unit/shared/vectors/make.js writes it anew`);
  });
}

for (const { name, hex, diagnostic: expected } of loadCases('cbor.json')) {
  test(`cbor.json: ${expected === null ? 'refuses' : 'reads'} ${name}`, (t) => {
    if (expected === null) {
      t.throws(() => decodeCbor(fromHex(hex)), { instanceOf: MalformedCbor });
    } else {
      const value = decodeCbor(fromHex(hex));
      t.is(diagnostic(value), expected);
      t.is(toHex(encodeCbor(value)), hex);
    }
  });
}

for (const { name, kind, contentType, publicKey, signed, code, payload } of loadCases('envelope.json')) {
  test(`envelope.json: ${name}: ${code ?? 'opened'} by what agent and collector verify with`, (t) => {
    const { type } = exampleOf(kind as keyof typeof KINDS);
    t.is(contentTypeOf(type), contentType);
    for (const verify of [nodeVerify, sodiumVerify]) {
      const opened = openSigned(type, fromHex(signed), [fromHex(publicKey)], verify);
      t.is(opened.ok ? null : opened.code, code as ErrorCode | null);
      t.is(opened.ok ? toHex(encodeMessage(type, opened.value)) : null, payload);
    }
  });
}

for (const { name, frame, code, kind, signed, items } of loadCases('frames.json')) {
  test(`frames.json: ${code === null ? 'cuts' : 'refuses'} a frame: ${name}`, (t) => {
    const bytes = fromHex(frame);
    if (code !== null) return void t.throws(() => cutFrame(bytes), { instanceOf: MalformedCbor });
    const cut = cutFrame(bytes);
    t.deepEqual([cut.kind, toHex(cut.signed)], [kind, signed]);
    t.deepEqual(cut.attachment?.items.map(toHex) ?? null, items);
    t.is(toHex(encodeFrame(cut.kind, cut.signed, cut.attachment?.items)), frame);
  });
}

for (const { name, kind, payload, code } of loadCases('messages.json')) {
  test(`messages.json: ${kind}: ${name}: ${code ?? 'parsed'}`, (t) => {
    const parsed = parseMessage(exampleOf(kind as keyof typeof KINDS).type, fromHex(payload));
    t.is(parsed.ok ? null : parsed.code, code as ErrorCode | null);
  });
}

for (const { name, hex, kind, diagnostic: expected } of loadCases('entries.json')) {
  test(`entries.json: ${name}`, (t) => {
    const entry = decodeEntry(fromHex(hex));
    t.is(entry.kind === 'unknown' ? 0 : ENTRY_KINDS[entry.kind], kind);
    if (expected !== null) t.is(diagnostic(decodeCbor(fromHex(hex))), expected);
    if (kind !== 0) t.is(peekEntry(fromHex(hex)).kind, kind);
  });
}

for (const { name, lcuId, epoch, seed, entries, heads } of loadCases('chain.json')) {
  test(`chain.json: ${name}`, (t) => {
    const start = chainSeed(lcuId, fromHex(epoch));
    t.is(toHex(start), seed);
    t.deepEqual(toHex(chainHead(start, entries.map(fromHex))), heads.at(-1) ?? seed);
  });
}

for (const { name, epoch, batches } of loadCases('batches.json')) {
  test(`batches.json: ${name}`, (t) => {
    const decoder = new BatchDecoder();
    for (const { from, coded, entries, code } of batches) {
      const decoded = decoder.decode(fromHex(coded), { epoch: fromHex(epoch), from });
      t.is(decoded.ok ? null : decoded.code, code as ErrorCode | null);
      t.deepEqual(decoded.ok ? decoded.value.items.map(toHex) : null, entries as string[] | null);
    }
  });
}

for (const { name, token, code, fields } of loadCases('token.json')) {
  test(`token.json: ${name}: ${code ?? 'read'}`, (t) => {
    if (code !== null) return void t.is(codeOf(t.throws(() => parseToken(token))), code as ErrorCode);
    const { rootKey, pin, secret, ...rest } = parseToken(token);
    t.deepEqual({ ...rest, rootKey: toHex(rootKey), pin: toHex(pin), secret: toHex(secret) }, fields as never);
  });
}

for (const { name, keysPayload, requestPayload, words } of loadCases('words.json')) {
  test(`words.json: ${name}`, (t) => {
    t.is(sixWords(fromHex(keysPayload), fromHex(requestPayload)).join(' '), words);
  });
}

for (const { name, publicKey, code } of loadCases('keys.json')) {
  test(`keys.json: ${name}: ${code ?? 'accepted'}`, (t) => {
    t.is(vetPublicKey(fromHex(publicKey)) ?? null, code as ErrorCode | null);
  });
}
