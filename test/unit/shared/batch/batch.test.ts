import {
  BatchDecoder,
  BatchEncoder,
  decodeEntry,
  encodeCbor,
  encodeEntry,
  type KnownEntry,
  LIMITS,
  sameBytes,
} from '@farola/shared';
import { BitReader, BitWriter } from '@farola/shared/batch/bits.js';
import { Columns, NUMBER_LIMIT } from '@farola/shared/batch/columns.js';
import test from 'ava';
import fc from 'fast-check';
import { entries as knownEntries } from '../arbitraries.js';
import { runs } from '../runs.js';
import { batchOf, codeOfBatch, EPOCH } from './written-batch.js';

function sample(change: Partial<Extract<KnownEntry, { kind: 'sample' }>> = {}): Uint8Array {
  return encodeEntry({
    kind: 'sample',
    at: { monoMs: 1_000_000, wallMs: 1_795_000_000_000, quality: 'synchronised' },
    analyser: 0,
    spanMs: 400,
    status: 'complete',
    values: Array.from({ length: 40 }, (_, i) => 20_000 + i),
    ...change,
  });
}

function minutes(count: number, from = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const ms = (from + i) * 60_000;
    const at = { monoMs: 1_000_000 + ms, wallMs: 1_795_000_000_000 + ms, quality: 'synchronised' } as const;
    return sample({ at, values: Array.from({ length: 40 }, (_, place) => 20_000 + place + ((from + i) % 3)) });
  });
}

function allSame(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((one, i) => sameBytes(one, b[i] as Uint8Array));
}

const anyEntries = fc.oneof(
  { weight: 3, arbitrary: knownEntries.map(encodeEntry) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.nat(40).map((kind) => encodeCbor([kind, 1, 2, 3, 4, 5, 6, [7, null]])) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.nat(20),
        fc.array(
          fc.option(
            fc.oneof(
              fc.integer(),
              fc.maxSafeInteger(),
              fc.nat(9).map((n) => 1000 * n),
            ),
          ),
        ),
      )
      .map(([analyser, values]) => sample({ analyser, values })),
  },
);

test('marks that stay as they are cost next to nothing', (t) => {
  const marks = {
    offsets: [
      { count: 30, ms: 0 },
      { count: 10, ms: 300 },
    ],
    flags: [{ code: 4, places: [0, 1, 2] }],
  };
  const marked = minutes(200).map((bytes) => {
    const entry = decodeEntry(bytes);
    if (entry.kind !== 'sample') throw new TypeError('no sample');
    return encodeEntry({ ...entry, marks });
  });
  const bytesOf = (entries: readonly Uint8Array[]): number =>
    new BatchEncoder().encode(entries, { epoch: EPOCH, from: 2 }, 1)?.length ?? Infinity;
  const more = bytesOf(marked) - bytesOf(minutes(200));
  t.true(more > 0 && more < 200, `${more} bytes more in 200 samples`);
});

test('whatever the entries are, the same bytes come back, batch after batch', (t) => {
  const connection = fc.array(fc.tuple(fc.array(anyEntries, { maxLength: 12 }), fc.boolean()), { maxLength: 6 });
  fc.assert(
    fc.property(connection, (batches) => {
      const encoder = new BatchEncoder();
      const decoder = new BatchDecoder();
      let from = 1;
      for (const [items, isTaken] of batches) {
        const coded = encoder.encode(items, { epoch: EPOCH, from }, isTaken ? from - 1 : 0);
        if (!coded) continue;
        const decoded = decoder.decode(coded, { epoch: EPOCH, from });
        if (!decoded.ok || !allSame(decoded.value.items, items)) return false;
        from += items.length;
      }
      return true;
    }),
    runs(300),
  );
  t.pass();
});

test('columns give back every number that they may hold', (t) => {
  const numbers = fc.oneof(
    fc.integer({ min: -20, max: 20 }),
    fc.integer(),
    fc.maxSafeInteger().map((n) => n % NUMBER_LIMIT),
  );
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 60 }), (values) => {
      const bits = new BitWriter(16);
      const [writing, reading] = [new Columns(), new Columns()];
      writing.reserve(1);
      reading.reserve(1);
      for (const value of values) writing.write(0, value, bits);
      const reader = new BitReader(bits.finish());
      const back = values.map(() => reading.read(0, reader) + 0);
      reader.end();
      return back.every((value, i) => value === values[i]);
    }),
    runs(500),
  );
  t.pass();
});

test('a difference of half a unit is not taken for a whole one', (t) => {
  for (const values of [
    [10, 20, 25, 30],
    [1000, 2000, 2500, 1500, 0, -500],
  ]) {
    const bits = new BitWriter(16);
    const [writing, reading] = [new Columns(), new Columns()];
    writing.reserve(1);
    reading.reserve(1);
    for (const value of values) writing.write(0, value, bits);
    const reader = new BitReader(bits.finish());
    t.deepEqual(
      values.map(() => reading.read(0, reader)),
      values,
    );
  }
});

test('samples of a steady panel take a small part of what they take plain', (t) => {
  const encoder = new BatchEncoder();
  const first = encoder.encode(minutes(5), { epoch: EPOCH, from: 1 }, 0);
  const next = encoder.encode(minutes(5, 5), { epoch: EPOCH, from: 6 }, 5);
  t.true((first?.length ?? Infinity) < 400 && (next?.length ?? Infinity) < 120);
});

test('a batch goes on from the one before only when the receiver says that it has taken that', (t) => {
  const [sure, unsure] = [new BatchEncoder(), new BatchEncoder()];
  for (const encoder of [sure, unsure]) encoder.encode(minutes(5), { epoch: EPOCH, from: 1 }, 0);
  const after = sure.encode(minutes(5, 5), { epoch: EPOCH, from: 6 }, 5) as Uint8Array;
  const anew = unsure.encode(minutes(5, 5), { epoch: EPOCH, from: 6 }, 0) as Uint8Array;
  t.deepEqual(
    [codeOfBatch(anew, new BatchDecoder(), 6), codeOfBatch(after, new BatchDecoder(), 6)],
    ['ok', 'attachment-malformed'],
  );
});

test('a batch goes on in its own epoch and from the very next entry only', (t) => {
  for (const [epoch, from] of [
    [new Uint8Array(8), 6],
    [EPOCH, 7],
  ] as const) {
    const encoder = new BatchEncoder();
    const decoder = new BatchDecoder();
    const first = encoder.encode(minutes(5), { epoch: EPOCH, from: 1 }, 0) as Uint8Array;
    const next = encoder.encode(minutes(5, 5), { epoch: EPOCH, from: 6 }, 5) as Uint8Array;
    t.true(decoder.decode(first, { epoch: EPOCH, from: 1 }).ok);
    t.like(decoder.decode(next, { epoch, from }), { ok: false, code: 'attachment-malformed' });
  }
});

test('entries that do not become shorter are not coded', (t) => {
  const noise = Uint8Array.from({ length: 200 }, (_, i) => (i * 89) % 251);
  t.is(new BatchEncoder().encode([noise], { epoch: EPOCH, from: 1 }, 0), undefined);
  t.is(new BatchEncoder().encode([], { epoch: EPOCH, from: 1 }, 0), undefined);
});

test('entries beyond the bounds of an answer are not coded', (t) => {
  const tooMany = Array.from({ length: LIMITS.answerEntries + 1 }, () => sample());
  t.is(new BatchEncoder().encode(tooMany, { epoch: EPOCH, from: 1 }, 0), undefined);
  const wide = Array.from({ length: 256 }, () => sample({ values: Array.from({ length: 256 }, () => 2 ** 40) }));
  t.is(new BatchEncoder().encode(wide, { epoch: EPOCH, from: 1 }, 0), undefined);
});

/** A few kilobytes that would become half a megabyte: each value after the first sample takes one bit. */
const BOMB = batchOf(256, (bits) => {
  const turns = new Columns();
  const columns = new Columns();
  turns.reserve(1);
  columns.reserve(259);
  for (let i = 0; i < 256; i++) {
    bits.bits(1, 1);
    turns.write(0, 0, bits);
    bits.bits(i === 0 ? 0 : 1, 1);
    if (i === 0)
      for (const [value, width] of [[2, 8], [0, 8], [256, 9], ...Array.from({ length: 257 }, () => [0, 1])] as const)
        bits.bits(value, width);
    for (let column = 0; column < 259; column++) columns.write(column, column < 3 ? 0 : 2 ** 49, bits);
  }
});

const bad: [string, Uint8Array][] = [
  ['of no bytes', new Uint8Array(0)],
  ['that expands beyond the bounds of an answer', BOMB],
  ['that declares 511 entries', batchOf(511, () => undefined)],
  [
    'that declares an entry beyond entryBytes',
    batchOf(1, (bits) => [0, LIMITS.entryBytes + 1].forEach((n, i) => bits.bits(n, i ? 14 : 1))),
  ],
  [
    'that declares an entry it does not hold',
    batchOf(1, (bits) => [0, LIMITS.entryBytes].forEach((n, i) => bits.bits(n, i ? 14 : 1))),
  ],
  ['with a number of 63 bits', batchOf(1, (bits) => [1, 63].forEach((n, i) => bits.bits(n, i ? 6 : 1)))],
  ['with an analyser above 255', batchOf(1, (bits) => [1, 10, 1023].forEach((n, i) => bits.bits(n, [1, 6, 10][i] as number)))],
  [
    'with an analyser as before, of which nothing came',
    batchOf(1, (bits) => [1, 0, 1].forEach((n, i) => bits.bits(n, [1, 6, 1][i] as number))),
  ],
  [
    'with 257 values',
    batchOf(1, (bits) => [1, 0, 0, 0, 0, 257].forEach((n, i) => bits.bits(n, [1, 6, 1, 8, 8, 9][i] as number))),
  ],
  [
    'of 65 analysers',
    batchOf(65, (bits) => {
      const turns = new Columns();
      turns.reserve(1);
      for (let analyser = 0; analyser < 65; analyser++) {
        bits.bits(1, 1);
        turns.write(0, analyser, bits);
        bits.bits(0, 1 + 8 + 8 + 9 + 1 + 3 * 6);
      }
    }),
  ],
  [
    'with a time below 0',
    batchOf(1, (bits) => [1, 0, 0, 0, 0, 0, 0, 1, 1].forEach((n, i) => bits.bits(n, [1, 6, 1, 8, 8, 9, 1, 6, 1][i] as number))),
  ],
  [
    'of more columns than are remembered',
    batchOf(17, (bits) => {
      const turns = new Columns();
      turns.reserve(1);
      for (let analyser = 0; analyser < 17; analyser++) {
        bits.bits(1, 1);
        turns.write(0, analyser, bits);
        bits.bits(0, 1 + 8 + 8);
        bits.bits(256, 9);
        for (let i = 0; i < 256; i++) bits.bits(1, 1);
        bits.bits(0, 1 + 3 * 6);
      }
    }),
  ],
];

test('a batch that expands beyond the bounds is refused by its size, long before all of it is made', (t) => {
  t.true(BOMB.length < LIMITS.answerEntryBytes / 10);
  const decoded = new BatchDecoder().decode(BOMB, { epoch: EPOCH, from: 1 });
  t.true(!decoded.ok && String(decoded.facts['reason']).includes(`more than ${LIMITS.answerEntryBytes} bytes`));
});

for (const [what, coded] of bad) {
  test(`refuses a batch ${what}`, (t) => {
    t.is(codeOfBatch(coded), 'attachment-malformed');
  });
}

test('refuses every batch that is cut short or has something behind it', (t) => {
  const coded = new BatchEncoder().encode(minutes(3), { epoch: EPOCH, from: 1 }, 0) as Uint8Array;
  t.is(codeOfBatch(coded), 'ok');
  for (let length = 0; length < coded.length; length++) t.is(codeOfBatch(coded.slice(0, length)), 'attachment-malformed');
  t.is(codeOfBatch(Uint8Array.of(...coded, 0)), 'attachment-malformed');
});

test('a batch inside a batch is an entry as any other', (t) => {
  const inner = new BatchEncoder().encode(minutes(9), { epoch: EPOCH, from: 1 }, 0) as Uint8Array;
  const outer = new BatchEncoder().encode([inner, ...minutes(9)], { epoch: EPOCH, from: 1 }, 0) as Uint8Array;
  const decoded = new BatchDecoder().decode(outer, { epoch: EPOCH, from: 1 });
  t.true(decoded.ok && sameBytes(decoded.value.items[0] as Uint8Array, inner));
});

test('any bytes whatever are refused or give entries within the bounds, and what comes next is refused or taken', (t) => {
  const decoder = new BatchDecoder();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const decoded = decoder.decode(bytes, { epoch: EPOCH, from: 1 });
      return decoded.ok ? decoded.value.encoded.length <= LIMITS.answerEntryBytes : decoded.code === 'attachment-malformed';
    }),
    runs(2000),
  );
  t.pass();
});

test('a refused batch is forgotten, read in part or not at all: the next one must stand by itself', (t) => {
  const encoder = new BatchEncoder();
  const decoder = new BatchDecoder();
  const first = encoder.encode(minutes(5), { epoch: EPOCH, from: 1 }, 0) as Uint8Array;
  const next = encoder.encode(minutes(5, 5), { epoch: EPOCH, from: 6 }, 5) as Uint8Array;
  const tooMany = new BitWriter(16);
  tooMany.bits(1, 1);
  tooMany.bits(LIMITS.answerEntries + 1, 9);
  for (const refused of [next.slice(0, -1), tooMany.finish()]) {
    t.is(codeOfBatch(first, decoder), 'ok');
    t.is(codeOfBatch(refused, decoder, 6), 'attachment-malformed');
    t.is(codeOfBatch(next, decoder, 6), 'attachment-malformed');
  }
  t.is(codeOfBatch(first, decoder), 'ok');
});
