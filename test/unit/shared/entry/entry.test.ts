import { isDeepStrictEqual } from 'node:util';
import {
  chainHead,
  chainNext,
  chainSeed,
  type Cbor,
  decodeEntry,
  encodeCbor,
  encodeEntry,
  ENTRY_KINDS,
  LIMITS,
  EntryPeek,
  peekEntry,
  sha256,
  toHex,
} from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { cborValues, entries } from '../arbitraries.js';
import { runs } from '../runs.js';

test('every entry comes back as it was written', (t) => {
  fc.assert(
    fc.property(entries, (entry) => isDeepStrictEqual(decodeEntry(encodeEntry(entry)), entry)),
    runs(500),
  );
  t.pass();
});

test('a peek agrees with what is read, whatever was peeked at before', (t) => {
  const peek = new EntryPeek();
  peek.at(Uint8Array.of(0x83, ENTRY_KINDS.sample, 7));
  t.like(peek, { kind: -1, monoMs: 0, analyser: -1 });
  fc.assert(
    fc.property(entries, (entry) => {
      const analyser = entry.kind === 'sample' ? entry.analyser : -1;
      const { kind, monoMs, analyser: peeked } = peek.at(encodeEntry(entry));
      return kind === ENTRY_KINDS[entry.kind] && monoMs === entry.at.monoMs && peeked === analyser;
    }),
    runs(300),
  );
  t.pass();
});

test('neither peek nor decoder throws at any bytes, and what decodes is peeked alike', (t) => {
  const harmless = (bytes: Uint8Array): boolean => {
    const entry = decodeEntry(bytes);
    const peek = peekEntry(bytes);
    return entry.kind === 'unknown' || (peek.kind === ENTRY_KINDS[entry.kind] && peek.monoMs === entry.at.monoMs);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), harmless), runs(3000));
  fc.assert(fc.property(fc.array(cborValues(3), { maxLength: 10 }).map(encodeCbor), harmless), runs(2000));
  const changed = fc.tuple(entries.map(encodeEntry), fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(fc.property(changed, harmless), runs(2000));
  t.pass();
});

const METHODS = ['toString', 'constructor', '__proto__', 'hasOwnProperty', '__defineGetter__', 'valueOf'];
for (const kind of [...METHODS, [4], [[4]], '4', true, null, -4, 2n ** 60n] as Cbor[]) {
  test(`security: an entry of kind ${JSON.stringify(typeof kind === 'bigint' ? String(kind) : kind)} is unknown, not a property of a table`, (t) => {
    for (const rest of [[], [1, 2, 2], [1, 2, 2, 0, 5, 0, []]] as Cbor[][]) {
      t.deepEqual(decodeEntry(encodeCbor([kind, ...rest])), { kind: 'unknown' });
    }
  });
}

test('a sample of 40 quantities is at most 226 bytes', (t) => {
  // Every value at the upper end of what a panel of 250 A shows.
  const voltages = Array.from({ length: 7 }, () => 25_300);
  const currents = Array.from({ length: 5 }, () => 250_000);
  const powers = Array.from({ length: 15 }, () => -575_000);
  const small = Array.from({ length: 7 }, () => -1000);
  const energies = Array.from({ length: 6 }, () => 4_000_000_000);
  const values = [...voltages, ...currents, ...powers, ...small, ...energies];
  t.is(values.length, 40);
  const at = { monoMs: 90 * 86_400_000, wallMs: Date.UTC(2080, 0, 1), quality: 'synchronised' } as const;
  const bytes = encodeEntry({ kind: 'sample', at, analyser: 7, spanMs: 900, status: 'complete', values });
  t.true(bytes.length <= 226, `${bytes.length} bytes`);
});

test('h(0) binds LCU and epoch, h(n) the entry and all before it', (t) => {
  const epoch = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const seed = chainSeed('malaga-0042', epoch);
  t.is(toHex(seed), toHex(sha256(Buffer.concat([Buffer.from('farola/epoch/1'), encodeCbor(['malaga-0042', epoch])]))));
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (list) => {
      const byHand = list.reduce<Uint8Array>((head, entry) => sha256(Buffer.concat([head, entry])), seed);
      return toHex(chainHead(seed, list)) === toHex(byHand);
    }),
    runs(200),
  );
});

test('the chain takes entries up to the limit, and only heads of 32 bytes', (t) => {
  const head = sha256(new Uint8Array(0));
  const most = new Uint8Array(LIMITS.entryBytes).fill(7);
  t.is(toHex(chainNext(head, most)), toHex(sha256(Buffer.concat([head, most]))));
  t.throws(() => chainNext(head, new Uint8Array(LIMITS.entryBytes + 1)), { instanceOf: RangeError });
  t.throws(() => chainNext(head.subarray(1), most), { instanceOf: RangeError });
});

const SAMPLE: readonly Cbor[] = [ENTRY_KINDS.sample, 1000, 2000, 2, 0, 400, 0, [1, null, -(2n ** 60n)]];
const changed = (at: number, value: Cbor): Cbor[] => SAMPLE.map((item, i) => (i === at ? value : item));

for (const [what, items] of [
  ['a negative monotonic time', changed(1, -1)],
  ['a wall time as text', changed(2, '2000')],
  ['a clock quality that is not known', changed(3, 99)],
  ['no analyser', changed(4, null)],
  ['a negative span', changed(5, -1)],
  ['a status that is not known', changed(6, 99)],
  ['values that are no list', changed(7, 1)],
  ['a text among its values', changed(7, [1, '2'])],
  [
    'more than 256 values',
    changed(
      7,
      Array.from({ length: 257 }, () => 1),
    ),
  ],
  ['an item too many', [...SAMPLE, 1]],
  ['an item too few', SAMPLE.slice(0, -1)],
] as const) {
  test(`a sample with ${what} is unknown`, (t) => {
    t.is(decodeEntry(encodeCbor([...SAMPLE])).kind, 'sample');
    t.is(decodeEntry(encodeCbor([...items])).kind, 'unknown');
  });
}
