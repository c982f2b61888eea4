import { looksLike } from '@farola/agent/meter/tool/looks-like.js';
import { rawDecodings, textIn } from '@farola/agent/meter/tool/raw-decodings.js';
import { readRegisters, wordsAt } from '@farola/agent/meter/tool/read-registers.js';
import type { RegisterAnswer } from '@farola/agent/meter/tool/read-registers.js';
import { FarolaError } from '@farola/shared';
import test from 'ava';

const registers = (...words: number[]) => new Map<number, RegisterAnswer>(words.map((word, index) => [index, { word }]));

const values = (words: number[], type: string, address = 0) =>
  Object.fromEntries(
    rawDecodings(registers(...words))
      .filter((one) => one.type === type && one.address === address)
      .flatMap(({ decodings }) => decodings.map(({ order, value }) => [order, value])),
  );

// tests/unit-test.h of libmodbus: 123456.0 in its four orders.
for (const [order, words] of [
  ['ABCD', [0x47f1, 0x2000]],
  ['CDAB', [0x2000, 0x47f1]],
  ['BADC', [0xf147, 0x0020]],
  ['DCBA', [0x0020, 0xf147]],
] as const) {
  test(`finds 123456 as a float in the order ${order}, and no other order is plausible but by chance`, (t) => {
    const found = values([...words], 'float32');
    t.is(found[order], '123456');
    t.true(Object.keys(found).length <= 2, JSON.stringify(found));
  });
}

const CASES: [string, number[], string, Record<string, string>][] = [
  ['a small u32', [0x0001, 0x0002], 'u32', { ABCD: '65538', CDAB: '131073', BADC: '16777728', DCBA: '33554688' }],
  ['a number that is the same in all orders once', [0, 0], 'u32', { ABCD: '0' }],
  ['a negative s16', [0xffec], 's16', { ABCD: '-20', BADC: '-4865' }],
  ['no s16 beside an equal u16', [0x0014], 's16', {}],
  ['bcd of one register', [0x2305], 'bcd', { ABCD: '2305', BADC: '523' }],
  ['no bcd of other digits', [0x23f5], 'bcd', {}],
  ['no float that is no number', [0xffff, 0xffff], 'float32', {}],
  ['a float64', [0x405b, 0x4cc0, 0, 0], 'float64', { ABCD: '109.19921875' }],
  ['a u64 of one order', [0, 0, 0, 7], 'u64', { ABCD: '7', BADC: '1792' }],
];

for (const [what, words, type, expected] of CASES) {
  test(`tells ${what}`, (t) => t.deepEqual(values(words, type), expected));
}

test('numbers are told of each address, and none over a register that is refused', (t) => {
  const answers = new Map<number, RegisterAnswer>([
    [5, { word: 0x4366 }],
    [6, { word: 0x6666 }],
    [7, { exception: 2 }],
    [8, { word: 1 }],
  ]);
  const places = new Set(rawDecodings(answers).map(({ address, registers: many }) => `${address}+${many}`));
  t.deepEqual([...places].toSorted(), ['5+1', '5+2', '6+1', '8+1']);
});

const LIKELY: [string, number, boolean, number, string[]][] = [
  ['230.4 as a float', 230.4, true, 2, ['voltage * 1']],
  ['2304', 2304, false, 1, ['voltage * 0.1']],
  ['4998', 4998, false, 1, ['frequency * 0.01']],
  ['50', 50, false, 1, []],
  ['400', 400, false, 1, ['voltage between phases * 1']],
  ['0.93 as a float', 0.93, true, 2, ['power factor * 1']],
  ['1 234 567 in two registers', 1_234_567, false, 2, ['counter * 1']],
  ['17', 17, false, 2, []],
];

for (const [what, value, isFloat, many, expected] of LIKELY) {
  test(`${what} looks like ${expected.join() || 'nothing'}`, (t) => {
    t.deepEqual(
      looksLike({ value, isFloat, registers: many }).map((one) => `${one.what} * ${one.scale}`),
      expected,
    );
  });
}

test('text is told where most of it can be seen', (t) => {
  t.is(textIn([0x534f, 0x434f, 0x0000]), undefined);
  t.is(textIn([0x4233, 0x3420]), 'B34 ');
  t.is(textIn([0x0102, 0x0304]), undefined);
});

/** A device that has registers 10 to 29 but for 17. */
function device() {
  const asked: [number, number][] = [];
  const client = {
    owedCounts: () => new Set<number>(),
    read: async ({ analyser, unit, address, count }: { analyser: string; unit: number; address: number; count: number }) => {
      asked.push([address, count]);
      const places = Array.from({ length: count }, (_, index) => address + index);
      if (places.some((place) => place < 10 || place > 29 || place === 17))
        throw new FarolaError('meter-exception', { analyser, unit, exception: 2 });
      return Uint8Array.from(places.flatMap((place) => [0, place]));
    },
  };
  return { client, asked };
}

test('of registers that are refused together each half is asked, down to the one that is not there', async (t) => {
  const { client, asked } = device();
  const answers = await readRegisters(client, { analyser: 'unit 1', unit: 1, functionCode: 3, address: 12, count: 16 });
  t.deepEqual(answers.get(17), { exception: 2 });
  t.is([...answers.values()].filter((answer) => 'word' in answer).length, 15);
  t.deepEqual(wordsAt(answers, 12, 3), [12, 13, 14]);
  t.is(wordsAt(answers, 16, 2), undefined);
  t.true(asked.length <= 9, String(asked.length));
});
