import { type Cbor, chainNext, chainSeed, encodeCbor, encodeEntry, ENTRY_KINDS, fromHex, toHex } from '@farola/shared';
import type { CborCase, ChainCase, EntryCase, File } from './cases.js';
import { diagnostic } from './diagnostic.js';
import { BOOT, ENTRIES, EPOCH, fill, LATER_ENTRIES, LCU_ID, WALL_MS } from './examples.js';

const GOOD_CBOR: readonly (readonly [name: string, hex: string, diagnostic: string])[] = [
  ['zero', '00', '0'],
  ['23', '17', '23'],
  ['24', '1818', '24'],
  ['255', '18ff', '255'],
  ['256', '190100', '256'],
  ['2^32 - 1', '1affffffff', '4294967295'],
  ['2^32', '1b0000000100000000', '4294967296'],
  ['2^53 - 1', '1b001fffffffffffff', '9007199254740991'],
  ['2^53 + 1', '1b0020000000000001', '9007199254740993'],
  ['2^64 - 1', '1bffffffffffffffff', '18446744073709551615'],
  ['-1', '20', '-1'],
  ['-2^53 + 1', '3b001ffffffffffffe', '-9007199254740991'],
  ['-2^64', '3bffffffffffffffff', '-18446744073709551616'],
  ['empty byte string', '40', "h''"],
  ['byte string', '43010203', "h'010203'"],
  ['empty text', '60', '""'],
  ['text of two scripts', '65c3b1e6bca2', '"ñ漢"'],
  ['text of a byte order mark', '63efbbbf', '"\ufeff"'],
  ['false, true and null', '83f4f5f6', '[false, true, null]'],
  ['map whose keys ascend, negative ones last', 'a4000018180120022103', '{0: 0, 24: 1, -1: 2, -2: 3}'],
  ['eight arrays inside each other', '818181818181818100', '[[[[[[[[0]]]]]]]]'],
];

const BAD_CBOR: Readonly<Record<string, string>> = {
  'nothing': '',
  '23 in two bytes': '1817',
  '255 in three bytes': '1900ff',
  '65535 in five bytes': '1a0000ffff',
  '2^32 - 1 in nine bytes': '1b00000000ffffffff',
  '-24 in two bytes': '3817',
  'length in two bytes that fits into one': '580101',
  'reserved additional information': '1c',
  'indefinite byte string': '5f4101ff',
  'indefinite text': '7f6161ff',
  'indefinite array': '9f00ff',
  'indefinite map': 'bf0000ff',
  'break alone': 'ff',
  'undefined': 'f7',
  'simple value 19': 'f3',
  'false in two bytes': 'f814',
  'simple value 32': 'f820',
  'float16 1.0': 'f93c00',
  'float16 whose bits are the number of false': 'f90014',
  'float32 whose bits are the number of null': 'fa00000016',
  'float64 NaN': 'fb7ff8000000000000',
  'tag': 'c000',
  'bignum 2^64': 'c249010000000000000000',
  'two items': '0000',
  'array with too few items': '8200',
  'map with a key and no value': 'a100',
  'repeated key': 'a200000001',
  'keys in descending order': 'a201000000',
  'negative key before a positive one': 'a220000000',
  'negative keys in ascending order': 'a221002000',
  'text as key': 'a1616100',
  'array as key': 'a18000',
  'key of 2^53': 'a11b002000000000000000',
  'nine arrays inside each other': '81818181818181818100',
  'text that is not UTF-8': '61ff',
  'text with an overlong form': '62c080',
  'text with half a surrogate pair': '63eda080',
  'text beyond U+10FFFF': '64f4908080',
  'text that ends within a character': '61c3',
  'byte string of 2^32 bytes': '5b000000010000000000',
  'array of 2^53 items': '9b002000000000000000',
  'map of 2^64 - 1 pairs': 'bbffffffffffffffff00',
};

/** cbor.json */
export function cborFile(): File<CborCase> {
  return {
    about:
      'Strict CBOR: one item of the subset of docs/protocol.md, in the one form that is allowed. `diagnostic` null: must be refused (payload-malformed in a message).',
    cases: [
      ...GOOD_CBOR.map(([name, hex, text]) => ({ name, hex, diagnostic: text })),
      ...Object.entries(BAD_CBOR).map(([name, hex]) => ({ name, hex, diagnostic: null })),
    ],
  };
}

const AT: readonly Cbor[] = [86_400_000, WALL_MS, 2];

/** Entries that are proven and stored like all others and shown as unknown. */
const UNKNOWN: readonly (readonly [string, Cbor])[] = [
  ['a kind of the future', [99, ...AT, 'whatever']],
  ['kind 0', [0, ...AT]],
  ['kind as text that names a method', ['toString', ...AT]],
  ['kind as an array', [[4], ...AT, 0, 182, 0, []]],
  ['not an array', new Map([[0, 4]])],
  ['empty array', []],
  ['sample with an item more', [4, ...AT, 0, 182, 0, [], 0]],
  ['sample with an item less', [4, ...AT, 0, 182, 0]],
  ['sample with an unknown status', [4, ...AT, 0, 182, 66, []]],
  ['sample with text as a value', [4, ...AT, 0, 182, 0, ['1']]],
  ['sample with a monotonic time beyond 2^53', [4, 2n ** 53n, WALL_MS, 2, 0, 182, 0, []]],
  ['sample with an unknown clock quality', [4, 1, WALL_MS, 9, 0, 182, 0, []]],
  ['event with an unknown code', [5, ...AT, 999, []]],
  ['start with a configuration hash of 31 bytes', [1, ...AT, BOOT, null, null, fill(31, 0), '0.1.0', []]],
  [
    'table whose profile has an origin that is not known',
    [2, ...AT, [[0, 'main', 'rs485-1', 1, 'own', fill(32, 0), 2, null, null, null, []]], []],
  ],
  ['clock with a negative time', [3, ...AT, -1, 2]],
];

/** entries.json */
export function entriesFile(): File<EntryCase> {
  const good = [...ENTRIES, ...LATER_ENTRIES].map(([name, entry]) => {
    return { name, kind: ENTRY_KINDS[entry.kind], bytes: encodeEntry(entry) };
  });
  const unknown = UNKNOWN.map(([name, value]) => ({ name, kind: 0, bytes: encodeCbor(value), value }));
  return {
    about:
      'Entries of the journal. `kind` is the number of the kind, or 0: the bytes must be kept, chained and shown as unknown, never refused.',
    cases: [
      ...good.map(({ name, kind, bytes }) => ({ name, kind, hex: toHex(bytes), diagnostic: DIAGNOSTICS[name] ?? null })),
      ...unknown.map(({ name, kind, bytes, value }) => ({ name, kind, hex: toHex(bytes), diagnostic: diagnostic(value) })),
      { name: 'no CBOR at all', kind: 0, hex: 'ffff', diagnostic: null },
      { name: 'no bytes', kind: 0, hex: '', diagnostic: null },
      { name: 'a byte behind it', kind: 0, hex: '850501000200' + '8000', diagnostic: null },
    ],
  };
}

const ROW_TAIL = `"rs485-1", 1, "circutor-cvm-c10", h'${'f1'.repeat(32)}', 0`;

/** Written by hand, so that encoder and vectors do not agree by being wrong together. */
const DIAGNOSTICS: Readonly<Record<string, string>> = {
  'start, first epoch ever': `[1, 86400000, 1795370400000, 2, h'${'0b'.repeat(16)}', null, null, h'${'f2'.repeat(32)}', "0.1.0", [[0, "main", ${ROW_TAIL}, null, [100, 5], null, [1, 2, 3, 19, 20], 60], [1, "lamps", "rs485-1", 247, "circutor-cvm-c10", h'${'f1'.repeat(32)}', 1, "C10-123456", [100, 5], null, [], 900]]]`,
  'start after another epoch': `[1, 86400000, 1795370400000, 0, h'${'0b'.repeat(16)}', [h'${'0d'.repeat(8)}', 4711, h'${'f3'.repeat(32)}'], h'${'f4'.repeat(32)}', h'${'f2'.repeat(32)}', "0.1.0", []]`,
  'sample, complete': '[4, 86400000, 1795370400000, 2, 0, 182, 0, [23012, 23100, 22987, 41235, 1234567890]]',
  'sample, one value missing and one negative':
    '[4, 86400000, 1795370400000, 2, 0, 190, 1, [23012, null, 22987, -5, 1234567891]]',
  'sample, a counter beyond 2^53': '[4, 86400000, 1795370400000, 2, 0, 190, 0, [0, 0, 0, 0, 9007199254740993]]',
  'sample, no answer': '[4, 86400000, 1795370400000, 2, 1, 1000, 2, []]',
  'sample, read in two requests':
    '[4, 86400000, 1795370400000, 2, 0, 190, 0, [23012, 23100, 22987, 41235, 1234567890], [[3, 0, 2, 96], []]]',
  'sample, a voltage beyond its band and a counter that went back':
    '[4, 86400000, 1795370400000, 2, 0, 190, 0, [26512, 23100, 22987, 41235, 1234567889], [[], [[4, 0], [8, 4]]]]',
  'table, one analyser replaced': `[2, 86400000, 1795370400000, 2, [[2, "main", ${ROW_TAIL}, "C10-654321", [100, 5], null, [1, 2, 3, 19, 20], 60]], [0]]`,
  'clock, first synchronisation': '[3, 86400000, 1795370400000, 2, 86400000, 0]',
  'event, the agent ends': '[5, 86400000, 1795370400000, 2, 1, []]',
  'event, an ack disagrees': `[5, 86400000, 1795370400000, 2, 2, [h'${'0e'.repeat(8)}', 12, h'${'f5'.repeat(32)}']]`,
  'event, what the agent runs on': `[5, 86400000, 1795370400000, 2, 8, [h'${'f6'.repeat(32)}', 22]]`,
  'event, what the agent runs on was changed': `[5, 86400000, 1795370400000, 2, 9, [h'${'f6'.repeat(32)}', h'${'f7'.repeat(32)}', 1, ["content /usr/bin/node"]]]`,
};

/** chain.json */
export function chainFile(): File<ChainCase> {
  const entries = ENTRIES.map(([, entry]) => encodeEntry(entry));
  const chains: readonly (readonly [string, string, Uint8Array, readonly Uint8Array[]])[] = [
    ['the example entries', LCU_ID, EPOCH, entries],
    ['another LCU, same epoch', 'malaga-0043', EPOCH, entries.slice(0, 2)],
    ['same LCU, another epoch', LCU_ID, fromHex('0000000000000000'), entries.slice(0, 2)],
    ['an entry of no bytes', 'x', EPOCH, [new Uint8Array(0)]],
  ];
  return {
    about: 'h(0) = SHA-256("farola/epoch/1" || CBOR [lcuId, epoch]); h(n) = SHA-256(h(n - 1) || entry n).',
    cases: chains.map(([name, lcuId, epoch, list]) => {
      const seed = chainSeed(lcuId, epoch);
      const heads: Uint8Array[] = [];
      for (const entry of list) heads.push(chainNext(heads.at(-1) ?? seed, entry));
      return { name, lcuId, epoch: toHex(epoch), seed: toHex(seed), entries: list.map(toHex), heads: heads.map(toHex) };
    }),
  };
}
