import {
  contentTypeOf,
  cutItems,
  cutSigned,
  encodeCbor,
  encodeItems,
  encodeMessage,
  joinBytes,
  KEYS,
  LABELS,
  RELEASE,
  type Release,
  RELEASE_STATE,
  seal,
  type Signer,
  toHex,
} from '@farola/shared';
import { malleated } from '../../../fakes/odd-signatures.js';
import { testSigner } from '../../../fakes/test-signer.js';
import type { File, ReleaseCase } from './cases.js';
import { fill, WALL_MS } from './examples.js';

const [A, B, C] = [testSigner(7), testSigner(8), testSigner(9)];
const YEAR_MS = 365 * 86_400_000;
const TYPE = contentTypeOf(RELEASE);
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

const STATEMENT: Release = {
  version: 1,
  issuedAt: WALL_MS,
  codeHash: fill(32, 0xc5),
  sequence: 2,
  product: '@farola/agent',
  productVersion: '0.1.0',
  expiresAt: WALL_MS + YEAR_MS,
  releaseState: RELEASE_STATE.allowed,
};

/** A statement that approves, but for the changes. */
function payload(change: Partial<Release> = {}): Uint8Array {
  return encodeMessage(RELEASE, { ...STATEMENT, ...change });
}

/** One COSE_Sign1 of a release, with another content type or signature where that is told. */
function signed(signer: Signer, bytes = payload(), contentType = TYPE): Uint8Array {
  return seal(contentType, bytes, signer);
}

function file(signers: readonly Signer[], bytes = payload()): Uint8Array {
  return encodeItems(signers.map((signer) => signed(signer, bytes)));
}

/** The statement with one label set to another value, or left out. */
function odd(label: number, value?: Parameters<typeof encodeCbor>[0]): Uint8Array {
  const labels = Object.entries(STATEMENT).map(([name, of]) => [LABELS[name as keyof Release], of as number] as const);
  const kept = labels.filter(([one]) => one !== label);
  const all = value === undefined ? kept : [...kept, [label, value] as const];
  return encodeCbor(new Map(all.sort(([a], [b]) => a - b)));
}

const GOOD = file([A]);
const withSignature = (one: Uint8Array, signature: Uint8Array): Uint8Array => joinBytes(one.slice(0, -64), signature);
const flipped = (one: Uint8Array): Uint8Array => one.map((byte, i) => (i === one.length - 10 ? byte ^ 1 : byte));
const MANY = Array.from({ length: 17 }, (_, i) => testSigner(7 + i));

type Case = readonly [name: string, code: string | null, file: Uint8Array, change?: Partial<Trust>];

/** What a case is judged by; A alone is trusted, and nothing known, unless told. */
interface Trust {
  readonly keys: readonly Signer[];
  readonly threshold: number;
  readonly known: Uint8Array | null;
  readonly nowMs: number;
}

const TWO = { keys: [A, B], threshold: 2 };
/** Key A was taken out of the configuration, B put in. */
const ROTATED = { keys: [B], known: GOOD };
const REVOKING = { releaseState: RELEASE_STATE.revoked };

const TAKEN: readonly Case[] = [
  ['good', null, GOOD],
  ['two signatures of two', null, file([A, B]), TWO],
  ['two of three trusted keys, in any order', null, file([C, A]), { keys: [A, B, C], threshold: 2 }],
  ['a third signature, of a key that is not trusted', null, file([C, A, B]), TWO],
  ['sixteen signatures', null, file(MANY.slice(0, 16))],
  ['a revocation', null, file([A], payload(REVOKING))],
  ['a revocation whose time is over', null, file([A], payload(REVOKING)), { nowMs: STATEMENT.expiresAt + 1 }],
  ['the last millisecond of an approval', null, GOOD, { nowMs: STATEMENT.expiresAt - 1 }],
  ['the highest number', null, file([A], payload({ sequence: Number.MAX_SAFE_INTEGER }))],
  ['an expiry in the last millisecond of year 9999', null, file([A], payload({ expiresAt: Date.UTC(10_000, 0) - 1 }))],
  ['a higher number than is known', null, file([A], payload({ sequence: 3 })), { known: GOOD }],
  ['the same statement again, with more signatures', null, file([A, B]), { known: GOOD }],
  ['a lower number than is known, of keys that are trusted no more', null, file([B], payload({ sequence: 1 })), ROTATED],
  ['a revocation, whatever number is known', null, file([A], payload({ sequence: 1, ...REVOKING })), { known: GOOD }],
  ['another statement with the number that is known, when it revokes', null, file([A], payload(REVOKING)), { known: GOOD }],
];

const MALFORMED: readonly (readonly [name: string, file: Uint8Array])[] = [
  ['no bytes', new Uint8Array(0)],
  ['an array of no signature', hex('80')],
  ['a signature without the array', signed(A)],
  ['a map', hex('a0')],
  ['a byte behind it', joinBytes(GOOD, hex('00'))],
  ['the last byte is missing', GOOD.slice(0, -1)],
  ['an array of indefinite length', joinBytes(hex('9f'), GOOD.slice(1), hex('ff'))],
  ['a count of signatures in too many bytes', joinBytes(hex('9801'), GOOD.slice(1))],
  ['a signature that is no byte string', joinBytes(hex('81'), signed(A))],
  ['a signature that is no COSE_Sign1', encodeItems([hex('01')])],
  ['a signature of 63 bytes', encodeItems([signed(A).slice(0, -1)])],
  ['seventeen signatures', file(MANY)],
  ['two signatures over two statements', encodeItems([signed(A), signed(B, payload({ sequence: 3 }))])],
];

const UNTRUSTED: readonly Case[] = [
  ['too few signatures', 'release-untrusted', file([A]), TWO],
  ['one key twice', 'release-untrusted', file([A, A]), TWO],
  ['a key that is not trusted', 'release-untrusted', file([B])],
  ['no key is trusted', 'release-untrusted', GOOD, { keys: [] }],
  [
    'the content type of another kind, by the trusted key',
    'release-untrusted',
    encodeItems([signed(A, payload(), contentTypeOf(KEYS))]),
  ],
  ['a signature with one bit changed', 'signature-invalid', encodeItems([flipped(signed(A))])],
  [
    'a signature with one bit changed beside enough good ones',
    'signature-invalid',
    encodeItems([signed(A), flipped(signed(B))]),
    { keys: [A, B] },
  ],
  ['malleated signature, S + L', 'signature-invalid', encodeItems([withSignature(signed(A), malleated(signed(A).slice(-64)))])],
  [
    'the signature of another statement',
    'signature-invalid',
    encodeItems([withSignature(signed(A), signed(A, payload({ sequence: 3 })).slice(-64))]),
  ],
];

const STATEMENTS: readonly (readonly [name: string, code: string, payload: Uint8Array])[] = [
  ['a payload that is no CBOR', 'payload-malformed', hex('ff')],
  ['a payload that is no map', 'payload-malformed', hex('80')],
  ['version 2', 'version-unknown', odd(LABELS.version, 2)],
  ['no version', 'version-unknown', odd(LABELS.version)],
  ['no code hash', 'message-invalid', odd(LABELS.codeHash)],
  ['a code hash of 31 bytes', 'message-invalid', odd(LABELS.codeHash, fill(31, 0xc5))],
  ['a code hash that is null', 'message-invalid', odd(LABELS.codeHash, null)],
  ['sequence 0', 'message-invalid', odd(LABELS.sequence, 0)],
  ['a sequence beyond 2^53', 'message-invalid', odd(LABELS.sequence, 2n ** 53n)],
  ['no product', 'message-invalid', odd(LABELS.product)],
  ['a product of no characters', 'message-invalid', odd(LABELS.product, '')],
  ['a version of 65 characters', 'message-invalid', odd(LABELS.productVersion, '1'.repeat(65))],
  ['an expiry below 0', 'message-invalid', odd(LABELS.expiresAt, -1)],
  ['an expiry in year 10000', 'message-invalid', odd(LABELS.expiresAt, Date.UTC(10_000, 0))],
  ['state 0', 'message-invalid', odd(LABELS.releaseState, 0)],
  ['state 3', 'message-invalid', odd(LABELS.releaseState, 3)],
  ['a label of another message', 'message-invalid', odd(LABELS.lcuId, 'malaga-0042')],
  ['a label that is not known', 'message-invalid', odd(999, 1)],
];

const RULES: readonly Case[] = [
  ['an approval at the moment it expires', 'release-expired', GOOD, { nowMs: STATEMENT.expiresAt }],
  [
    'an expired approval over an older statement',
    'release-expired',
    file([A], payload({ sequence: 3 })),
    { known: GOOD, nowMs: STATEMENT.expiresAt },
  ],
  ['a lower number than is known', 'release-older', file([A], payload({ sequence: 1 })), { known: GOOD }],
  [
    'a higher number that approves what was revoked',
    'release-revoked',
    file([A], payload({ sequence: 3 })),
    { known: file([A], payload(REVOKING)) },
  ],
  [
    'the same, when those who revoked it are trusted no more',
    'release-revoked',
    file([B], payload({ sequence: 3 })),
    { ...ROTATED, known: file([A], payload(REVOKING)) },
  ],
  [
    'another statement with the number that is known',
    'release-conflict',
    file([A], payload({ productVersion: '0.1.1' })),
    { known: GOOD },
  ],
];

/** releases.json */
export function releasesFile(): File<ReleaseCase> {
  const malformed = MALFORMED.map(([name, bytes]): Case => [name, 'release-malformed', bytes]);
  const statements = STATEMENTS.map(([name, code, bytes]): Case => [name, code, file([A], bytes)]);
  return {
    about:
      'Release files. Open each with the trusted `keys`, of which `threshold` must have signed, and hold it against the file of the same code that is `known`, if any, at `nowMs`: by its number when the same keys open it, and as a revocation, if it is one, whoever signed it. `code` is the first error; null means that it is taken, and `statement` is the payload that counts then.',
    cases: [...TAKEN, ...malformed, ...UNTRUSTED, ...statements, ...RULES].map(([name, code, bytes, change]) => {
      const { keys, threshold, known, nowMs } = { keys: [A], threshold: 1, known: null, nowMs: WALL_MS, ...change };
      return {
        name,
        keys: keys.map(({ publicKey }) => toHex(publicKey)),
        threshold,
        known: known && toHex(known),
        nowMs,
        file: toHex(bytes),
        code,
        statement: code === null ? toHex(statementIn(bytes)) : null,
      };
    }),
  };
}

/** The payload under the first signature: the third item of its COSE_Sign1. */
function statementIn(bytes: Uint8Array): Uint8Array {
  const [first] = cutItems(bytes).items;
  const cut = first && cutSigned(first);
  if (!cut?.ok) throw new RangeError('a file that is taken has a signature');
  return cut.value.payload;
}
