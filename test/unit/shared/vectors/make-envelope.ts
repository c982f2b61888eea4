import {
  contentTypeOf,
  encodeCbor,
  encodeFrame,
  encodeMessage,
  joinBytes,
  KINDS,
  protectedHeader,
  type Signer,
  toBeSigned,
  toHex,
} from '@farola/shared';
import { malleated } from '../../../fakes/odd-signatures.js';
import type { EnvelopeCase, File, FrameCase } from './cases.js';
import { exampleOf, fill, SIGNERS } from './examples.js';

const { type, value } = exampleOf('poll');
const CONTENT_TYPE = contentTypeOf(type);
const PAYLOAD = encodeMessage(type, value);
const HEADER = protectedHeader(CONTENT_TYPE, SIGNERS.poll.kid);

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const bstr = encodeCbor;

interface Parts {
  readonly tag?: string;
  readonly header?: Uint8Array;
  readonly unprotected?: string;
  readonly payload?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly signer?: Signer;
}

/** A COSE_Sign1 of these parts; what is not given is as it should be, the signature fits the rest. */
function cose({ tag = 'd284', header = HEADER, unprotected = 'a0', payload = PAYLOAD, ...rest }: Parts): Uint8Array {
  const signature = rest.signature ?? (rest.signer ?? SIGNERS.poll).sign(toBeSigned(header, payload));
  return joinBytes(hex(tag), bstr(header), hex(unprotected), bstr(payload), bstr(signature));
}

const GOOD = cose({});
const SIGNATURE = GOOD.slice(-64);
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const header = (contentType: string, signer: Signer): Uint8Array => protectedHeader(contentType, signer.kid);
const otherKind = header(contentTypeOf(exampleOf('hello').type), SIGNERS.poll);

/** Cases of one poll, to be opened with one poll key. */
function envelopeCases(): (readonly [name: string, code: string | null, signed: Uint8Array])[] {
  return [
    ['good', null, GOOD],
    ['empty', 'cose-malformed', new Uint8Array(0)],
    ['no tag', 'cose-malformed', GOOD.slice(1)],
    ['tag 98, COSE_Sign', 'cose-malformed', cose({ tag: 'd86284' })],
    ['tag 18 in two bytes', 'cose-malformed', cose({ tag: 'd81284' })],
    ['tag 18 twice', 'cose-malformed', joinBytes(hex('d2'), GOOD)],
    ['array of three', 'cose-malformed', cose({ tag: 'd283' })],
    ['array of five', 'cose-malformed', joinBytes(cose({ tag: 'd285' }), hex('00'))],
    ['indefinite array', 'cose-malformed', joinBytes(cose({ tag: 'd29f' }), hex('ff'))],
    ['a byte behind it', 'cose-malformed', joinBytes(GOOD, hex('00'))],
    ['the last byte is missing', 'cose-malformed', GOOD.slice(0, -1)],
    ['kid in the unprotected header', 'cose-malformed', cose({ unprotected: 'a10448' + toHex(SIGNERS.poll.kid) })],
    ['unprotected header of indefinite length', 'cose-malformed', cose({ unprotected: 'bfff' })],
    ['detached payload', 'cose-malformed', joinBytes(hex('d284'), bstr(HEADER), hex('a0f6'), bstr(SIGNATURE))],
    ['signature of 63 bytes', 'cose-malformed', cose({ signature: SIGNATURE.slice(0, 63) })],
    ['signature of 65 bytes', 'cose-malformed', cose({ signature: joinBytes(SIGNATURE, hex('00')) })],
    ['no signature', 'cose-malformed', cose({ signature: new Uint8Array(0) })],
    ['protected header of 129 bytes', 'cose-malformed', cose({ header: fill(129, 0) })],
    [
      'payload length in too many bytes',
      'cose-malformed',
      joinBytes(hex('d284'), bstr(HEADER), hex('a05a0000'), bstr(PAYLOAD).subarray(1), bstr(SIGNATURE)),
    ],
    [
      'declared payload of 2^64 - 1 bytes',
      'cose-malformed',
      joinBytes(hex('d284'), bstr(HEADER), hex('a05bffffffffffffffff'), PAYLOAD),
    ],
    ['empty protected header', 'header-unexpected', cose({ header: new Uint8Array(0) })],
    ['protected header as an empty map', 'header-unexpected', cose({ header: hex('a0') })],
    ['another algorithm, ES256', 'header-unexpected', cose({ header: joinBytes(hex('a30126'), HEADER.slice(3)) })],
    ['header with a fourth parameter', 'header-unexpected', cose({ header: joinBytes(hex('a4'), HEADER.slice(1), hex('0500')) })],
    ['header without kid', 'header-unexpected', cose({ header: joinBytes(hex('a2'), HEADER.slice(1, -10)) })],
    [
      'header with its parameters in another order',
      'header-unexpected',
      cose({ header: joinBytes(hex('a3'), HEADER.slice(3), hex('0127')) }),
    ],
    ['content type of a hello, by the same key', 'header-unexpected', cose({ header: otherKind })],
    ['content type with another version', 'header-unexpected', cose({ header: header(CONTENT_TYPE + '2', SIGNERS.poll) })],
    [
      'signed by another key, under its own kid',
      'header-unexpected',
      cose({ header: header(CONTENT_TYPE, SIGNERS.lcu), signer: SIGNERS.lcu }),
    ],
    ['signed by another key, under the expected kid', 'signature-invalid', cose({ signer: SIGNERS.lcu })],
    ['malleated signature, S + L', 'signature-invalid', cose({ signature: malleated(SIGNATURE) })],
    ['signature of zeros', 'signature-invalid', cose({ signature: fill(64, 0) })],
    ['signature of ones', 'signature-invalid', cose({ signature: fill(64, 0xff) })],
    ['one bit of R changed', 'signature-invalid', cose({ signature: flipped(SIGNATURE, 0) })],
    ['one bit of S changed', 'signature-invalid', cose({ signature: flipped(SIGNATURE, 32) })],
    ['one bit of the payload changed', 'signature-invalid', cose({ payload: flipped(PAYLOAD, 20), signature: SIGNATURE })],
    ['payload of the example, signature over its hash', 'signature-invalid', cose({ signature: SIGNERS.poll.sign(PAYLOAD) })],
    ['empty payload', 'payload-malformed', cose({ payload: new Uint8Array(0) })],
    ['payload that is no map', 'payload-malformed', cose({ payload: hex('80') })],
    ['payload with a byte behind it', 'payload-malformed', cose({ payload: joinBytes(PAYLOAD, hex('00')) })],
  ];
}

/** envelope.json */
export function envelopeFile(): File<EnvelopeCase> {
  return {
    about:
      'COSE_Sign1 messages. Open each as a message of `kind`, whose content type is `contentType`, signed with `publicKey`: shape, then protected header, signature, strict parse. `code` is the error of the first step that fails; null means that all succeed and `payload` is what was signed.',
    cases: envelopeCases().map(([name, code, signed]) => ({
      name,
      kind: type.kind,
      contentType: CONTENT_TYPE,
      publicKey: toHex(SIGNERS.poll.publicKey),
      code,
      payload: code === null ? toHex(PAYLOAD) : null,
      signed: toHex(signed),
    })),
  };
}

const ITEMS = [hex('8105'), hex('8106'), new Uint8Array(0)];
const PLAIN = encodeFrame(KINDS.poll.number, GOOD);
const WITH_ITEMS = encodeFrame(KINDS.answer.number, GOOD, ITEMS);
const signedPart = bstr(GOOD);
const frameOf = (head: string, tail: string): Uint8Array => joinBytes(hex(head), signedPart, hex(tail));

function frameCases(): (readonly [name: string, frame: Uint8Array, good?: Omit<FrameCase, 'name' | 'frame' | 'code'>])[] {
  const signed = toHex(GOOD);
  return [
    ['without attachment', PLAIN, { kind: 3, signed, items: null }],
    ['with three entries, the last empty', WITH_ITEMS, { kind: 4, signed, items: ITEMS.map(toHex) }],
    ['with no entries', encodeFrame(4, GOOD, []), { kind: 4, signed, items: [] }],
    ['of an unknown kind', encodeFrame(23, GOOD), { kind: 23, signed, items: null }],
    ['empty', new Uint8Array(0)],
    ['not an array', hex('a0')],
    ['array of one', hex('8103')],
    ['array of three', frameOf('8303', '00')],
    ['array of five', joinBytes(hex('85'), WITH_ITEMS.slice(1), hex('00'))],
    ['negative kind', frameOf('8220', '')],
    ['kind in too many bytes', frameOf('821803', '')],
    ['signed part as text', joinBytes(hex('820361'), hex('41'))],
    ['declared signed part of 2^64 - 1 bytes', hex('82035bffffffffffffffff00')],
    ['unknown attachment encoding', frameOf('8404', '0280')],
    ['coded entries where an answer is not expected', frameOf('8404', '014100')],
    ['attachment is no array', frameOf('8404', '0040')],
    ['attachment of text', frameOf('8404', '00816141')],
    ['attachment of indefinite length', frameOf('8404', '009fff')],
    ['attachment that declares 2^32 entries', frameOf('8404', '009b0000000100000000')],
    ['257 entries', joinBytes(frameOf('8404', '00990101'), fill(257, 0x40))],
    ['a byte behind it', joinBytes(PLAIN, hex('00'))],
    ['a byte behind the attachment', joinBytes(WITH_ITEMS, hex('00'))],
    ['the last byte is missing', WITH_ITEMS.slice(0, -1)],
  ];
}

/** frames.json */
export function framesFile(): File<FrameCase> {
  return {
    about: 'WebSocket messages. `code` null: the frame has this kind, signed part and entries (null: no attachment).',
    cases: frameCases().map(([name, frame, good]) => ({
      name,
      code: good ? null : 'frame-malformed',
      kind: good?.kind ?? null,
      signed: good?.signed ?? null,
      items: good?.items ?? null,
      frame: toHex(frame),
    })),
  };
}
