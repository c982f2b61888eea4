import { type FarolaError, unknownQuantity } from '@farola/shared';
import test from 'ava';

/** The names that are offered. */
function namesOf({ hint = '' }: FarolaError): string[] {
  return hint.slice(hint.indexOf(': ') + 2).split(', ');
}

for (const [written, meant] of [
  ['activePowerTotl', 'activePowerTotal'],
  ['activepowertotal', 'activePowerTotal'],
  ['voltage_l1', 'voltageL1'],
  ['frecuency', 'frequency'],
] as const) {
  test(`\`${written}\` is answered with ${meant} first`, (t) => {
    const error = unknownQuantity(written);
    t.is(error.code, 'quantity-unknown');
    t.is(namesOf(error)[0], meant);
    t.true(error.hint?.includes(meant));
  });
}

test('a part of a name is answered with names that hold it', (t) => {
  for (const name of namesOf(unknownQuantity('Energy'))) t.regex(name, /energy/i);
});

for (const written of ['nothing', '', 'x'.repeat(1_000_000)]) {
  test(`\`${written.slice(0, 10)}\` of ${written.length} letters is like no quantity`, (t) => {
    const { hint } = unknownQuantity(written);
    t.is(hint, 'docs/protocol.md lists all');
  });
}
