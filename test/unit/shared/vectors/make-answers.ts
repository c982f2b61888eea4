import {
  ANSWER,
  type Answer,
  BatchEncoder,
  type Cbor,
  chainNext,
  chainSeed,
  contentTypeOf,
  decodeCbor,
  encodeCbor,
  encodeCodedFrame,
  encodeEntry,
  encodeFrame,
  encodeMessage,
  type GapRecord,
  HELLO_ANSWER,
  joinBytes,
  KINDS,
  LABELS,
  POLL,
  type Poll,
  protectedHeader,
  sha256,
  signMessage,
  toBeSigned,
  toHex,
  WANT,
  type Want,
} from '@farola/shared';
import { malleated } from '../../../fakes/odd-signatures.js';
import type { AnswerCase, File } from './cases.js';
import { BOOT, ENTRIES, EPOCH, exampleOf, fill, LCU_ID, SIGNERS } from './examples.js';

/** The first entries of the epoch, and one of a kind that nobody knows: it is chained like the others. */
const ITEMS = [...ENTRIES.map(([, entry]) => encodeEntry(entry)), encodeCbor([200, 1])];
const LAST = ITEMS.length;
const PAST = fill(8, 0x0d);
const CODE = fill(32, 0xc5);
const NOW_MS = 86_400_000;

/** h(0), h(1), ... of these entries in an epoch. */
function headsOf(epoch: Uint8Array): Uint8Array[] {
  const heads = [chainSeed(LCU_ID, epoch)];
  for (const item of ITEMS) heads.push(chainNext(heads.at(-1) as Uint8Array, item));
  return heads;
}

/** What a case is made of; what is not told is as an honest LCU does it. */
interface Parts {
  readonly want?: Want;
  /** The range that is answered; the whole epoch unless told. */
  readonly of?: readonly [epoch: Uint8Array, from: number, to: number];
  readonly change?: Partial<Answer>;
  /** The bytes beside the signature, where they are not those of the range. */
  readonly items?: readonly Uint8Array[];
  /** The entries, coded. */
  readonly coded?: Uint8Array;
  /** Of the COSE_Sign1, another payload, protected header or signature. */
  readonly payload?: Uint8Array;
  readonly header?: Uint8Array;
  readonly signature?: (good: Uint8Array) => Uint8Array;
  /** The whole frame, another than comes of the parts. */
  readonly frame?: (good: Uint8Array, poll: Uint8Array) => Uint8Array;
  readonly tookMs?: number;
  readonly lastMonoMs?: number;
  readonly unasked?: boolean;
  readonly revoked?: readonly Uint8Array[];
}

const HEADER = protectedHeader(contentTypeOf(ANSWER), SIGNERS.lcu.kid);
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const newest = (after: number, epoch = EPOCH): Want => [WANT.newest, epoch, after];
const range = (after: number, before: number, epoch = EPOCH): Want => [WANT.range, epoch, after, before];

function pollOf(want: Want): Uint8Array {
  const { value } = exampleOf('poll');
  return signMessage(POLL, { ...(value as Poll), acks: [], want }, SIGNERS.poll);
}

function messageOf(poll: Uint8Array, { of = [EPOCH, 1, LAST], change }: Parts): Answer {
  const [epoch, from, to] = of;
  const heads = headsOf(epoch);
  return {
    ...(exampleOf('answer').value as Answer),
    pollHash: sha256(poll),
    epoch,
    from,
    to,
    prev: heads[from - 1] as Uint8Array,
    head: heads[to] as Uint8Array,
    openEpochs: [
      [PAST, 3, LAST],
      [EPOCH, 1, LAST],
    ],
    gaps: [],
    codeHash: CODE,
    ...change,
  };
}

/** The frame that comes for the poll. */
function frameOf(poll: Uint8Array, parts: Parts): Uint8Array {
  const { of = [EPOCH, 1, LAST], header = HEADER } = parts;
  const [, from, to] = of;
  const payload = parts.payload ?? encodeMessage(ANSWER, messageOf(poll, parts));
  const good = SIGNERS.lcu.sign(toBeSigned(header, payload));
  const signature = parts.signature?.(good) ?? good;
  const [head, empty] = [Buffer.from('d284', 'hex'), Buffer.from('a0', 'hex')];
  const signed = joinBytes(head, encodeCbor(header), empty, encodeCbor(payload), encodeCbor(signature));
  const { number } = KINDS.answer;
  const items = parts.items ?? ITEMS.slice(from - 1, to);
  const frame = parts.coded ? encodeCodedFrame(number, signed, parts.coded) : encodeFrame(number, signed, items);
  return parts.frame ? parts.frame(frame, poll) : frame;
}

/** The payload of the good answer, with one label at another value, or without it. */
function oddPayload(label: number, value?: Cbor): Uint8Array {
  const fields = new Map(decodeCbor(encodeMessage(ANSWER, messageOf(pollOf(newest(0)), {}))) as ReadonlyMap<number, Cbor>);
  if (value === undefined) fields.delete(label);
  else fields.set(label, value);
  return encodeCbor(new Map([...fields].sort(([a], [b]) => a - b)));
}

const gap = (epoch: Uint8Array, from: number, to: number): GapRecord => [epoch, from, to, fill(32, 0xc3), fill(32, 0xc4), 1];
const SIX = [...ITEMS.slice(0, 1), ...Array.from({ length: 5 }, () => ITEMS[2] as Uint8Array)];
const SIX_HEADS = SIX.reduce<Uint8Array[]>(
  (heads, item) => [...heads, chainNext(heads.at(-1) as Uint8Array, item)],
  [chainSeed(LCU_ID, EPOCH)],
);
const CODED_SIX = new BatchEncoder().encode(SIX, { epoch: EPOCH, from: 1 }, 0) as Uint8Array;
const OF_SIX: Parts = { of: [EPOCH, 1, 6], change: { head: SIX_HEADS[6] as Uint8Array }, coded: CODED_SIX };

const GOOD: readonly (readonly [name: string, parts: Parts])[] = [
  ['good', {}],
  ['the last entries alone, since the others do not fit', { of: [EPOCH, LAST - 1, LAST] }],
  ['the entries after the one that is held', { want: newest(4), of: [EPOCH, 5, LAST] }],
  ['nothing new', { want: newest(LAST), of: [EPOCH, LAST + 1, LAST] }],
  ['a hole of a past epoch', { want: range(2, 6, PAST), of: [PAST, 3, 5] }],
  ['a part of a hole', { want: range(2, 6, PAST), of: [PAST, 4, 4] }],
  ['nothing of a past epoch, of which all is gone', { want: range(2, 6, PAST), of: [PAST, LAST + 1, LAST] }],
  ['nothing of a past epoch, said as nothing of the present one', { want: range(2, 6, PAST), of: [EPOCH, LAST + 1, LAST] }],
  ['coded entries', OF_SIX],
  ['in the last millisecond', { tookMs: 20_000 }],
  ['a clock that stands', { lastMonoMs: NOW_MS }],
  ['a gap that ends with the last entry of its epoch', { change: { gaps: [gap(PAST, 1, LAST)] } }],
  ['code that nobody measured', { change: { codeHash: null }, revoked: [CODE] }],
  ['code other than what is revoked', { revoked: [fill(32, 0xc6)] }],
];

const OTHER_POLL = sha256(pollOf(newest(1)));
const greeting = signMessage(HELLO_ANSWER, exampleOf('helloAnswer').value as never, SIGNERS.lcu);
const swapped = [ITEMS[1], ITEMS[0], ...ITEMS.slice(2)] as Uint8Array[];

const BAD: readonly (readonly [name: string, code: string, parts: Parts])[] = [
  ['the last byte is missing', 'frame-malformed', { frame: (good) => good.slice(0, -1) }],
  ['the poll itself', 'frame-kind-unexpected', { frame: (_, poll) => encodeFrame(KINDS.poll.number, poll) }],
  ['the poll itself, as an answer', 'header-unexpected', { frame: (_, poll) => encodeFrame(KINDS.answer.number, poll, ITEMS) }],
  ['no entries beside it', 'frame-kind-unexpected', { frame: () => encodeFrame(KINDS.answer.number, greeting) }],
  ['a signed part that is no COSE_Sign1', 'cose-malformed', { frame: () => encodeFrame(KINDS.answer.number, fill(1, 0x80), []) }],
  ['an answer that no poll waits for', 'nonce-unknown', { unasked: true }],
  ['the kid of another LCU', 'header-unexpected', { header: protectedHeader(contentTypeOf(ANSWER), SIGNERS.otherLcu.kid) }],
  ['a hello-answer of the same key', 'header-unexpected', { frame: () => encodeFrame(KINDS.answer.number, greeting, []) }],
  ['a millisecond too late', 'answer-late', { tookMs: 20_001 }],
  ['malleated signature, S + L', 'signature-invalid', { signature: malleated }],
  ['one bit of R changed', 'signature-invalid', { signature: (good) => flipped(good, 0) }],
  ['one bit of S changed', 'signature-invalid', { signature: (good) => flipped(good, 32) }],
  [
    'the signature of another LCU under the expected kid',
    'signature-invalid',
    { signature: () => SIGNERS.otherLcu.sign(toBeSigned(HEADER, encodeMessage(ANSWER, messageOf(pollOf(newest(0)), {})))) },
  ],
  ['a payload that is no map', 'payload-malformed', { payload: fill(1, 0x80) }],
  ['version 2', 'version-unknown', { payload: oddPayload(LABELS.version, 2) }],
  ['no head', 'message-invalid', { payload: oddPayload(LABELS.head) }],
  ['a label that is not known', 'message-invalid', { payload: oddPayload(999, 1) }],
  ['entry number 0', 'message-invalid', { payload: oddPayload(LABELS.from, 0) }],
  ['the name of another LCU', 'lcu-mismatch', { change: { lcuId: 'malaga-0043' } }],
  ['the nonce of another poll', 'nonce-mismatch', { change: { nonce: fill(16, 0xa5) } }],
  ['the number of another poll', 'poll-mismatch', { change: { pollId: 6 } }],
  ['the hash of another poll', 'poll-mismatch', { change: { pollHash: OTHER_POLL } }],
  ['another boot', 'boot-mismatch', { change: { boot: fill(16, 0x0c) } }],
  ['a clock a millisecond back', 'clock-backwards', { lastMonoMs: NOW_MS + 1 }],
  ['coded entries that cannot be read', 'attachment-malformed', { coded: fill(2, 0xff) }],
  ['an entry less than is signed', 'entries-count', { items: ITEMS.slice(0, -1) }],
  ['an entry more than is signed', 'entries-count', { items: [...ITEMS, fill(1, 0x80)] }],
  ['the entry that is held, again', 'range-unasked', { want: newest(4), of: [EPOCH, 4, LAST] }],
  ['the entry before a hole', 'range-unasked', { want: range(2, 6, PAST), of: [PAST, 2, 5] }],
  ['the entry behind a hole', 'range-unasked', { want: range(2, 6, PAST), of: [PAST, 3, 6] }],
  ['the present epoch where a past one is asked', 'range-unasked', { want: range(2, 6, PAST), of: [EPOCH, 3, 5] }],
  ['nothing of an epoch that nobody asked for', 'range-unasked', { of: [fill(8, 0x0c), 1, 0] }],
  ['a gap that ends a number beyond its epoch', 'gap-beyond-end', { change: { gaps: [gap(PAST, 1, LAST + 1)] } }],
  ['a gap of an epoch that is not listed', 'gap-beyond-end', { change: { gaps: [gap(fill(8, 0x0c), 1, 1)] } }],
  ['one bit of an entry changed', 'chain-broken', { items: [flipped(ITEMS[0] as Uint8Array, 9), ...ITEMS.slice(1)] }],
  ['two entries in another order', 'chain-broken', { items: swapped }],
  ['another hash before the range', 'chain-broken', { change: { prev: fill(32, 0xc1) } }],
  ['another hash after the range', 'chain-broken', { change: { head: fill(32, 0xc2) } }],
  [
    'another hash after no range',
    'chain-broken',
    { want: newest(LAST), of: [EPOCH, LAST + 1, LAST], change: { head: fill(32, 0xc2) } },
  ],
  ['coded entries other than are signed', 'chain-broken', { ...OF_SIX, change: { head: fill(32, 0xc2) } }],
  ['revoked code', 'code-revoked', { revoked: [CODE] }],
];

/** answers.json */
export function answersFile(): File<AnswerCase> {
  const cases = [...GOOD.map(([name, parts]) => [name, null, parts] as const), ...BAD];
  return {
    about:
      'Whole exchanges. A connection of the LCU `lcuId` with the key `publicKey`, whose hello-answer told `boot` and `epoch`. The collector sends `poll`, signed with `pollKey` (null: none waits for an answer), and `frame` is the next message, `tookMs` later on its monotonic clock. `lastMonoMs` is the monotonic time in the last good answer of the connection, 0 where there was none; `revoked` are the code hashes that are revoked. Judge in the order of docs/protocol.md, up to what needs no store. `code` is the first error; null means that all is well, and `taken` is what the answer brought: its range, and each entry.',
    cases: cases.map(([name, code, parts]) => {
      const poll = pollOf(parts.want ?? newest(0));
      const frame = frameOf(poll, parts);
      return {
        name,
        lcuId: LCU_ID,
        publicKey: toHex(SIGNERS.lcu.publicKey),
        boot: toHex(BOOT),
        epoch: toHex(EPOCH),
        lastMonoMs: parts.lastMonoMs ?? 0,
        revoked: (parts.revoked ?? []).map(toHex),
        pollKey: toHex(SIGNERS.poll.publicKey),
        poll: parts.unasked ? null : toHex(poll),
        tookMs: parts.tookMs ?? 120,
        frame: toHex(frame),
        code,
        taken: code === null ? takenOf(parts) : null,
      };
    }),
  };
}

function takenOf(parts: Parts): AnswerCase['taken'] {
  const [epoch, from, to] = parts.of ?? [EPOCH, 1, LAST];
  const entries = parts.coded ? SIX : ITEMS.slice(from - 1, to);
  const { head } = messageOf(new Uint8Array(0), parts);
  return { epoch: toHex(epoch), from, to, head: toHex(head), entries: entries.map(toHex) };
}
