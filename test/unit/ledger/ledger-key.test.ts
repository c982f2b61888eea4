import test from 'ava';
import fc from 'fast-check';
import { LCU_LIMIT, ledgerKey, ledgerKeyParts, ORDINAL_LIMIT, SLOT_MS, slotOf } from '@farola/collector/ledger/ledger-key.js';

const part = (limit: number): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, limit - 1), fc.nat(limit - 1));
const parts = fc.record({ slot: part(2 ** 24), lcuNo: part(LCU_LIMIT), ordinal: part(ORDINAL_LIMIT) });

test('a key gives back its parts and is an exact integer', (t) => {
  fc.assert(
    fc.property(parts, (of) => {
      const key = ledgerKey(of);
      t.true(Number.isSafeInteger(key));
      t.deepEqual(ledgerKeyParts(key), of);
    }),
  );
});

test('keys are ordered by slot, then LCU, then ordinal', (t) => {
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const inOrder = a.slot - b.slot || a.lcuNo - b.lcuNo || a.ordinal - b.ordinal;
      t.is(Math.sign(ledgerKey(a) - ledgerKey(b)), Math.sign(inOrder));
    }),
  );
});

test('the highest key is below 2^53', (t) => {
  t.is(ledgerKey({ slot: 2 ** 24 - 1, lcuNo: LCU_LIMIT - 1, ordinal: ORDINAL_LIMIT - 1 }), 2 ** 53 - 1);
});

for (const [name, limit] of [
  ['slot', 2 ** 24],
  ['lcuNo', LCU_LIMIT],
  ['ordinal', ORDINAL_LIMIT],
] as const) {
  for (const value of [-1, limit, 0.5, NaN, Infinity]) {
    test(`refuses ${name} ${value}`, (t) => {
      const error = t.throws(() => ledgerKey({ slot: 1, lcuNo: 1, ordinal: 1, [name]: value }), { instanceOf: RangeError });
      t.true(error.message.startsWith(name));
    });
  }
}

test('a slot is five minutes, its first millisecond included', (t) => {
  const slot = slotOf(Date.UTC(2026, 10, 22));
  t.is(slotOf(Date.UTC(2026, 10, 22) + SLOT_MS - 1), slot);
  t.is(slotOf(Date.UTC(2026, 10, 22) + SLOT_MS), slot + 1);
  t.true(slotOf(Date.UTC(2129, 0, 1)) < 2 ** 24);
});
