import { formatValue, isCounter, QUANTITIES, type Quantity, quantityById, quantityByName } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { runs } from './runs.js';
import { readVectors } from './vectors/load.js';

interface MeterQuantities {
  readonly quantities: readonly { readonly q: string; readonly units: readonly string[] }[];
}

const ALL: readonly Quantity[] = QUANTITIES;
const METER = (JSON.parse(readVectors('meter-quantities.json')) as MeterQuantities).quantities;

/** Names of register lists that are not ours with other words: the second register of a counter, and a swapped suffix. */
function ourName(q: string): string {
  const whole = q.replace(/_remainder$/, '').replace(/^power_factor_(l[123]|total)_4q$/, 'power_factor_4q_$1');
  return whole.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

for (const { q, units } of METER) {
  test(`${q} of the register lists is a quantity, and its unit is ours`, (t) => {
    const quantity = quantityByName(ourName(q));
    t.truthy(quantity, ourName(q));
    t.deepEqual(units, [quantity?.unit]);
  });
}

test('ids and names are given once, and found', (t) => {
  t.is(new Set(ALL.map(({ id }) => id)).size, ALL.length);
  t.is(new Set(ALL.map(({ name }) => name)).size, ALL.length);
  for (const quantity of ALL) {
    t.is(quantityById(quantity.id), quantity);
    t.is(quantityByName(quantity.name), quantity);
    t.regex(quantity.name, /^[a-z][A-Za-z0-9]*$/);
  }
  t.is(quantityById(0), undefined);
  t.is(quantityByName('toString'), undefined);
});

test('ids stand for ever: these were published', (t) => {
  t.deepEqual(
    [1, 4, 7, 16, 19, 20, 21, 34, 40, 57, 81].map((id) => quantityById(id)?.name),
    [
      'voltageL1',
      'currentL1',
      'activePowerL1',
      'powerFactorL1',
      'activePowerTotal',
      'activeEnergyImportTotal',
      'frequency',
      'currentNeutral',
      'thdCurrentL3',
      'activeEnergyImportL1',
      'temperature',
    ],
  );
});

/** Names elsewhere, from the table `names` of the register lists (meters.yaml). Power is signed: OBIS 16.7.0 and 36.7.0. */
const ELSEWHERE: Readonly<Record<string, Partial<Quantity>>> = {
  voltageL1: { obis: '1-0:32.7.0', talq: 'phase1Voltage' },
  currentL1: { obis: '1-0:31.7.0', talq: 'phase1Current', fiware: 'intensityR' },
  activePowerL1: { obis: '1-0:36.7.0', talq: 'phase1ActivePower', fiware: 'activePowerR' },
  activePowerTotal: { obis: '1-0:16.7.0', talq: 'totalPower', fiware: 'totalActivePower' },
  reactivePowerTotal: { obis: '1-0:3.7.0', talq: 'totalVAR' },
  apparentPowerTotal: { obis: '1-0:9.7.0', talq: 'totalVA' },
  powerFactorTotal: { obis: '1-0:13.7.0', talq: 'totalPowerFactor' },
  frequency: { obis: '1-0:14.7.0', talq: 'frequency' },
  activeEnergyImportTotal: { obis: '1-0:1.8.0', talq: 'totalActiveEnergy', fiware: 'energyConsumed' },
  activeEnergyExportTotal: { obis: '1-0:2.8.0' },
  reactiveEnergyImportTotal: { obis: '1-0:3.8.0', talq: 'totalReactiveEnergy' },
  reactiveEnergyExportTotal: { obis: '1-0:4.8.0' },
  apparentEnergyTotal: { obis: '1-0:9.8.0', talq: 'totalApparentEnergy' },
  thdVoltageL1: { talq: 'phase1VoltageTHD', fiware: 'thdrVoltageR' },
  thdCurrentL1: { talq: 'phase1CurrentTHD', fiware: 'thdrIntensityR' },
};

for (const [name, names] of Object.entries(ELSEWHERE)) {
  test(`${name} has its names of OBIS, TALQ and FIWARE`, (t) => {
    t.like(quantityByName(name), names);
  });
}

test('OBIS codes of the phases are that of L1 plus 20 and 40', (t) => {
  const group = (name: string): number => Number(/^1-0:(\d+)\./.exec(quantityByName(name)?.obis ?? '')?.[1]);
  for (const { name } of ALL.filter(({ name, obis }) => name.endsWith('L1') && obis !== undefined)) {
    const stem = name.slice(0, -2);
    t.is(group(`${stem}L2`), group(name) + 20, name);
    t.is(group(`${stem}L3`), group(name) + 40, name);
  }
});

test('no two quantities share a name elsewhere', (t) => {
  for (const key of ['obis', 'talq', 'fiware'] as const) {
    const names = ALL.flatMap((quantity) => quantity[key] ?? []);
    t.is(new Set(names).size, names.length, key);
  }
});

test('energies are counters, in whole units; net energy may fall', (t) => {
  for (const quantity of ALL) {
    if (isCounter(quantity)) t.is(quantity.decimals, 0, quantity.name);
  }
  t.true(isCounter(quantityByName('activeEnergyImportTotal')!));
  t.false(isCounter(quantityByName('activeEnergyNetTotal')!));
  t.false(isCounter(quantityByName('activePowerTotal')!));
});

const FORMATTED: readonly (readonly [number | bigint, number, string])[] = [
  [0, 0, '0'],
  [0, 2, '0.00'],
  [5, 3, '0.005'],
  [-5, 3, '-0.005'],
  [-1234, 2, '-12.34'],
  [23_012, 2, '230.12'],
  [100, 2, '1.00'],
  [Number.MAX_SAFE_INTEGER, 1, '900719925474099.1'],
  [Number.MAX_SAFE_INTEGER, 3, '9007199254740.991'],
  [Number.MAX_SAFE_INTEGER - 991, 4, '900719925474.0000'],
  [2n ** 60n, 3, '1152921504606846.976'],
  [-(2n ** 60n), 0, '-1152921504606846976'],
];
for (const [value, decimals, text] of FORMATTED) {
  test(`${value} with ${decimals} decimals is written ${text}`, (t) => {
    t.is(formatValue(value, decimals), text);
  });
}

const ANY_BIGINT = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });

test('a written value is the integer with a point put in', (t) => {
  fc.assert(
    fc.property(fc.oneof(ANY_BIGINT, fc.maxSafeInteger()), fc.integer({ min: 1, max: 9 }), (value, decimals) => {
      const text = formatValue(value, decimals);
      return BigInt(text.replace('.', '')) === BigInt(value) && text.split('.')[1]?.length === decimals;
    }),
    runs(300),
  );
  t.pass();
});
