import {
  type Cbor,
  contentTypeOf,
  encodeCbor,
  encodeMessage,
  formatToken,
  joinBytes,
  LABELS,
  type LabelName,
  sha256,
  sixWords,
  toHex,
} from '@farola/shared';
import type { File, KeyCase, MessageCase, TokenCase, WordsCase } from './cases.js';
import { diagnostic } from './diagnostic.js';
import { EPOCH, type Example, EXAMPLES, fill, KEYS_PAYLOAD, REQUEST_PAYLOAD, SIGNERS, TOKEN } from './examples.js';

type Fields = Map<number, Cbor>;

/** The fields of an example by label. */
function fieldsOf({ type, value }: Example): Fields {
  const names = Object.keys(type.schema.shape) as LabelName[];
  return new Map(names.map((name) => [LABELS[name], value[name] as Cbor]));
}

const NOT_NAMES: readonly Cbor[] = ['', 'Malaga', 'a_b', '-a', 'a-', 'a'.repeat(64), 'málaga', 42, EPOCH, null];
const notBytes = (length: number): readonly Cbor[] => [fill(length - 1, 1), fill(length + 1, 1), 'text', null];
const NOT_COUNTS: readonly Cbor[] = [-1, 2n ** 53n, '1', null, fill(1, 1)];
const NOT_ENTRY_NUMBERS: readonly Cbor[] = [0, ...NOT_COUNTS];
const head = fill(32, 1);
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

/** Values that a field must not have, whatever message it stands in. */
const WRONG: Readonly<Partial<Record<LabelName, readonly Cbor[]>>> = {
  lcuId: NOT_NAMES,
  collectorId: NOT_NAMES,
  nonce: notBytes(16),
  lcuNonce: notBytes(16),
  pollId: NOT_COUNTS,
  deadlineMs: NOT_COUNTS,
  issuedAt: NOT_COUNTS,
  acks: [null, [[EPOCH, 1]], [[EPOCH, 1, head, 0]], [[EPOCH, -1, head]], [[fill(7, 1), 1, head]], many(34, [EPOCH, 1, head])],
  want: [null, [], [1, EPOCH], [1, EPOCH, 1, 2], [2, EPOCH, 1], [3, EPOCH, 1], [0, EPOCH, 1], [1, EPOCH, -1]],
  pollHash: notBytes(32),
  boot: notBytes(16),
  epoch: notBytes(8),
  now: [null, [1, 2], [1, 2, 3, 4], [-1, 2, 2], [1, -2, 2], [1, 2, 256]],
  from: NOT_ENTRY_NUMBERS,
  to: NOT_COUNTS,
  prev: notBytes(32),
  head: notBytes(32),
  openEpochs: [null, [[EPOCH, 1]], [[EPOCH, 0, 1]], many(34, [EPOCH, 1, 1])],
  gaps: [null, [[EPOCH, 1, 2, head, head]], [[EPOCH, 0, 2, head, head, 1]], many(34, [EPOCH, 1, 2, head, head, 1])],
  codeHash: notBytes(32).slice(0, 3),
  programHash: notBytes(32).slice(0, 3),
  circuits: [null, [-1], many(17, 0)],
  health: [null, [], new Map([[1, 'many']]), new Map([[1, 2n ** 53n]]), new Map(many(33, 0).map((zero, i) => [i, zero]))],
  versions: [null, [], [0], [256], many(17, 1)],
  kid: notBytes(8),
  publicKey: notBytes(32),
  sequence: NOT_COUNTS,
  rootKey: notBytes(32),
  pollKeys: [null, [], [fill(31, 1)], many(5, head)],
  commandKeys: [null, [], [fill(31, 1)], many(5, head)],
  pins: [null, [], [fill(33, 1)], many(5, head)],
  keys: ['text', null],
  keysHash: notBytes(32),
  command: [0, 256, '1', null],
  argument: ['text', null],
  by: ['x'.repeat(65), 0, null],
  reason: ['x'.repeat(201), 0, null],
  validForMs: NOT_COUNTS,
  accepted: NOT_COUNTS,
  commandHash: notBytes(32),
  detail: ['x'.repeat(4001), 0, null],
  tokenHash: notBytes(32),
  agentVersion: ['v'.repeat(65), 1, null],
  assurance: [-1, 4, '0', null],
  evidence: [null, ['text'], many(17, fill(1, 1))],
  requestHash: notBytes(32),
  outcome: ['x'.repeat(65), 0, null],
};

interface Bad {
  readonly name: string;
  readonly code: string;
  readonly fields: Fields;
}

function badFields(example: Example): Bad[] {
  const good = fieldsOf(example);
  const changed = (label: number, value: Cbor): Fields => new Map(good).set(label, value);
  const without = (label: number): Fields => new Map([...good].filter(([key]) => key !== label));
  const unused = Math.min(...Object.values(LABELS).filter((label) => !good.has(label)));
  const names = (Object.keys(LABELS) as LabelName[]).filter((name) => name !== 'version' && good.has(LABELS[name]));
  return [
    ...[0, 2, 255, 2n ** 60n, '1', null].map((version) => ({
      name: `version ${diagnostic(version)}`,
      code: 'version-unknown',
      fields: changed(LABELS.version, version),
    })),
    { name: 'version is missing', code: 'version-unknown', fields: without(LABELS.version) },
    { name: 'no field at all', code: 'version-unknown', fields: new Map() },
    { name: 'label of another message', code: 'message-invalid', fields: changed(unused, 1) },
    { name: 'label that is in no table', code: 'message-invalid', fields: changed(9999, 1) },
    { name: 'negative label', code: 'message-invalid', fields: changed(-1, 1) },
    ...names.map((name) => ({ name: `${name} is missing`, code: 'message-invalid', fields: without(LABELS[name]) })),
    ...names.flatMap((name) =>
      (WRONG[name] ?? []).map((value) => ({
        name: `${name} is ${shorten(diagnostic(value))}`,
        code: 'message-invalid',
        fields: changed(LABELS[name], value),
      })),
    ),
  ];
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}... (${text.length})`;
}

function messageCases(example: Example): MessageCase[] {
  const kind = example.type.kind;
  const good = fieldsOf(example);
  return [
    {
      name: 'good',
      kind,
      code: null,
      payload: toHex(encodeMessage(example.type, example.value)),
      diagnostic: diagnostic(new Map([...good].sort(([a], [b]) => a - b))),
    },
    ...badFields(example).map(({ name, code, fields }) => ({
      name,
      kind,
      code,
      payload: toHex(encodeCbor(fields)),
      diagnostic: '',
    })),
  ];
}

/** messages.json */
export function messagesFile(): File<MessageCase> {
  return {
    about: `Payloads, to be parsed strictly as messages of \`kind\`; \`code\` null: good. Content types: ${EXAMPLES.map(({ type }) => contentTypeOf(type)).join(', ')}.`,
    cases: EXAMPLES.flatMap(messageCases),
  };
}

/** A token line around any items, with a right checksum. */
function tokenAround(items: Cbor): string {
  const body = encodeCbor(items);
  return 'farola1-' + Buffer.from(joinBytes(body, sha256(body).subarray(0, 4))).toString('base64url');
}

/** token.json */
export function tokenFile(): File<TokenCase> {
  const { lcuId, collectorId, address, rootKey, pin, secret, expiresAt } = TOKEN;
  const good = formatToken(TOKEN);
  const items: readonly Cbor[] = [1, lcuId, collectorId, address, rootKey, pin, secret, expiresAt];
  const other = (at: number, value: Cbor): string => tokenAround(items.map((item, i) => (i === at ? value : item)));
  const fields = {
    ...{ lcuId, collectorId, address, expiresAt },
    ...{ rootKey: toHex(rootKey), pin: toHex(pin), secret: toHex(secret) },
  };
  const middle = Math.floor(good.length / 2);
  const bad: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['prefix alone', 'farola1-'],
    ['another prefix', good.replace('farola1-', 'farola2-')],
    ['no prefix', good.slice(8)],
    ['one letter changed', good.slice(0, middle) + (good[middle] === 'A' ? 'B' : 'A') + good.slice(middle + 1)],
    ['two letters swapped', good.slice(0, 20) + (good[21] ?? '') + (good[20] ?? '') + good.slice(22)],
    ['last letter missing', good.slice(0, -1)],
    ['half of it', good.slice(0, middle)],
    ['twice', good + good],
    ['a letter that base64url does not have', good.slice(0, middle) + '!' + good.slice(middle)],
    ['padding', good + '='],
    ['longer than a token can be', good + 'A'.repeat(1024)],
    ['another version', other(0, 2)],
    ['name with capitals', other(1, 'Malaga')],
    ['address that is no text', other(3, null)],
    ['root key of 31 bytes', other(4, fill(31, 1))],
    ['secret of 15 bytes', other(6, fill(15, 1))],
    ['negative time', other(7, -1)],
    ['an item more', tokenAround([...items, 0])],
    ['an item less', tokenAround(items.slice(0, -1))],
    ['not an array', tokenAround(7)],
  ];
  return {
    about: 'Enrolment tokens. `code` null: the token has these fields.',
    cases: [
      { name: 'good', code: null, token: good, fields },
      { name: 'broken into lines by a mail program', code: null, token: ` ${good.slice(0, 64)}\r\n ${good.slice(64)}\n`, fields },
      ...bad.map(([name, token]) => ({ name, code: 'token-malformed', token, fields: null })),
    ],
  };
}

/** words.json */
export function wordsFile(): File<WordsCase> {
  const inputs: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ['the example payloads', KEYS_PAYLOAD, REQUEST_PAYLOAD],
    ['one bit of the request changed', KEYS_PAYLOAD, REQUEST_PAYLOAD.map((byte, i) => (i === 30 ? byte ^ 1 : byte))],
    ['one bit of the keys changed', KEYS_PAYLOAD.map((byte, i) => (i === 30 ? byte ^ 1 : byte)), REQUEST_PAYLOAD],
    ['nothing', new Uint8Array(0), new Uint8Array(0)],
  ];
  return {
    about:
      'Six words: the first 66 bits of SHA-256("farola/words/1" || SHA-256(keysPayload) || requestPayload), eleven bits a word, in the English list of BIP-39.',
    cases: inputs.map(([name, keys, request]) => ({
      name,
      keysPayload: toHex(keys),
      requestPayload: toHex(request),
      words: sixWords(keys, request).join(' '),
    })),
  };
}

const P = 2n ** 255n - 19n;

/** y as a key of 32 bytes, little-endian, the sign of x in the highest bit. */
function keyOf(y: bigint, sign: 0 | 1): string {
  const hex = (y + (sign ? 2n ** 255n : 0n)).toString(16).padStart(64, '0');
  return Buffer.from(hex, 'hex').reverse().toString('hex');
}

/** y of points of order 8: d y^4 + 2 y^2 = 1, since twice such a point has y = 0. That of the others is P - y. */
const ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;

/** keys.json */
export function keysFile(): File<KeyCase> {
  const small: readonly (readonly [string, bigint])[] = [
    ['order 1', 1n],
    ['order 2', P - 1n],
    ['order 4', 0n],
    ['order 8', ORDER_8_Y],
    ['order 8, the other', P - ORDER_8_Y],
  ];
  const cases: KeyCase[] = small.flatMap(([name, y]) =>
    ([0, 1] as const).map((sign) => ({ name: `${name}, sign ${sign}`, publicKey: keyOf(y, sign), code: 'key-small-order' })),
  );
  for (const [name, y] of [
    ['y = p, the point of y 0', P],
    ['y = p + 1, the point of y 1', P + 1n],
    ['y = p + 2', P + 2n],
    ['y = 2^255 - 1', 2n ** 255n - 1n],
  ] as const) {
    for (const sign of [0, 1] as const) {
      cases.push({ name: `${name}, sign ${sign}`, publicKey: keyOf(y, sign), code: 'key-not-canonical' });
    }
  }
  cases.push(
    { name: 'y = 2, no point of the curve', publicKey: keyOf(2n, 0), code: 'key-not-canonical' },
    { name: 'y = 7, no point of the curve', publicKey: keyOf(7n, 1), code: 'key-not-canonical' },
    { name: '31 bytes', publicKey: '01'.repeat(31), code: 'key-not-canonical' },
    { name: '33 bytes', publicKey: '01'.repeat(33), code: 'key-not-canonical' },
    { name: 'no bytes', publicKey: '', code: 'key-not-canonical' },
    { name: 'base point', publicKey: '58' + '66'.repeat(31), code: null },
    {
      name: 'RFC 8032 section 7.1, test 1',
      publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      code: null,
    },
    ...Object.entries(SIGNERS).map(([name, { publicKey }]) => ({
      name: `example, ${name}`,
      publicKey: toHex(publicKey),
      code: null,
    })),
  );
  return { about: 'Ed25519 public keys, to be vetted at enrolment. `code` null: accepted.', cases };
}
