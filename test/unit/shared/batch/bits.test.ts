import { BitReader, BitWriter, MalformedBatch } from '@farola/shared/batch/bits.js';
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../runs.js';

test('bits are read as they were written, and no further', (t) => {
  const numbers = fc.integer({ min: 0, max: 53 }).chain((width) =>
    fc.tuple(
      fc.constant(width),
      fc.nat().map((n) => (n * 4_194_301) % 2 ** width),
    ),
  );
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 40 }), (written) => {
      const bits = new BitWriter(1);
      for (const [width, value] of written) bits.bits(value, width);
      const reader = new BitReader(bits.finish());
      const same = written.every(([width, value]) => reader.bits(width) === value);
      reader.end();
      return same;
    }),
    runs(500),
  );
  t.throws(() => new BitReader(Uint8Array.of(0)).bits(9), { instanceOf: MalformedBatch });
  t.throws(() => new BitReader(Uint8Array.of(0, 0)).end(), { instanceOf: MalformedBatch });
  t.throws(() => new BitReader(Uint8Array.of(1)).end(), { instanceOf: MalformedBatch });
});

test('ones are counted up to the zero behind them, or to the limit', (t) => {
  for (let ones = 0; ones <= 40; ones++) {
    const bits = new BitWriter(8);
    bits.bits(1, 3);
    for (let i = 0; i < ones; i++) bits.bits(1, 1);
    bits.bits(0, 1);
    bits.bits(5, 3);
    const reader = new BitReader(bits.finish());
    reader.bits(3);
    t.is(reader.ones(16), Math.min(ones, 16));
    if (ones < 16) t.is(reader.bits(3), 5);
  }
});
