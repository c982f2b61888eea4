import { scanGroups } from '@farola/agent/meter/scan-groups.js';
import test from 'ava';
import fc from 'fast-check';

const NAMES = ['voltageL1', 'voltageL2', 'currentL1', 'thdVoltageL1', 'activeEnergyImportTotal'];

test('an analyser without groups has one, of all its quantities', (t) => {
  t.deepEqual(scanGroups(NAMES, undefined, 60), [{ seconds: 60, rows: [0, 1, 2, 3, 4] }]);
});

test('a quantity is in the first group that names it, and the rest behind them', (t) => {
  const wished = [
    { seconds: 1, quantities: ['currentL1', 'voltage*'] },
    { seconds: 900, quantities: ['thd*', 'voltageL1'] },
  ];
  t.deepEqual(scanGroups(NAMES, wished, 60), [
    { seconds: 1, rows: [0, 1, 2] },
    { seconds: 900, rows: [3] },
    { seconds: 60, rows: [4] },
  ]);
});

test('where groups name all there is no rest', (t) => {
  t.deepEqual(scanGroups(NAMES, [{ seconds: 5, quantities: ['*'] }], 60), [{ seconds: 5, rows: [0, 1, 2, 3, 4] }]);
});

test('whatever is wished, each row is in exactly one group', (t) => {
  const wish = fc.constantFrom(...NAMES, 'voltage*', '*', 'thd*', 'none', 'none*');
  const group = fc.record({ seconds: fc.constantFrom(1, 60, 900), quantities: fc.array(wish, { minLength: 1, maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 7 }), (wished) => {
      const rows = scanGroups(NAMES, wished, 60).flatMap((one) => one.rows);
      t.deepEqual(
        rows.toSorted((a, b) => a - b),
        [...NAMES.keys()],
      );
    }),
  );
});
