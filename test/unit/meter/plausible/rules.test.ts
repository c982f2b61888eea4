import { apparentPower } from '@farola/agent/meter/plausible/apparent-power.js';
import { frequencyBand } from '@farola/agent/meter/plausible/frequency-band.js';
import { powerFactor } from '@farola/agent/meter/plausible/power-factor.js';
import { sumOfPhases } from '@farola/agent/meter/plausible/sum-of-phases.js';
import { voltageBand } from '@farola/agent/meter/plausible/voltage-band.js';
import test from 'ava';
import { brokenChecks, type Values } from '../../../fakes/measured.js';

const WATTS: Values = { activePowerL1: 1_000, activePowerL2: 2_000, activePowerL3: 3_000, activePowerTotal: 6_000 };
const W_OF_ALL = 'activePowerL1 activePowerL2 activePowerL3 activePowerTotal';

test('W of the phases add up to the total, within what meters of class 1 are off', (t) => {
  t.deepEqual(brokenChecks(sumOfPhases, WATTS), []);
  t.deepEqual(brokenChecks(sumOfPhases, { ...WATTS, activePowerTotal: 6_150 }), []);
  for (const activePowerTotal of [1_000, 600, 60_000, -6_000]) {
    t.deepEqual(brokenChecks(sumOfPhases, { ...WATTS, activePowerTotal }), [W_OF_ALL], String(activePowerTotal));
  }
});

test('what lamps that are off draw does not show everywhere, and is let be', (t) => {
  const dark = { activePowerL1: 0, activePowerL2: 0, activePowerL3: 0, activePowerTotal: 90 };
  t.deepEqual(brokenChecks(sumOfPhases, dark), []);
});

test('a phase that gives takes from the sum', (t) => {
  t.deepEqual(brokenChecks(sumOfPhases, { ...WATTS, activePowerL1: -1_000, activePowerTotal: 4_000 }), []);
});

const VAR: Values = {
  ...WATTS,
  apparentPowerL1: 1_118,
  apparentPowerL2: 2_236,
  apparentPowerL3: 3_354,
  reactivePowerL1: 500,
  reactivePowerL2: -1_000,
  reactivePowerL3: 1_500,
};

for (const [way, reactivePowerTotal] of Object.entries({ 'with signs': 1_000, 'by their sizes': 3_000, 'by VA and W': 3_000 })) {
  test(`var of the phases may be added ${way}`, (t) => {
    t.deepEqual(brokenChecks(sumOfPhases, { ...VAR, reactivePowerTotal }), []);
  });
}

test('var that are less or more than any sum of the phases are not plausible', (t) => {
  for (const reactivePowerTotal of [300, 10_000]) {
    t.is(brokenChecks(sumOfPhases, { ...VAR, reactivePowerTotal }).length, 1, String(reactivePowerTotal));
  }
});

test('inductive and capacitive var are taken from each other', (t) => {
  const pairs = {
    activePowerTotal: 6_000,
    apparentPowerTotal: 6_400,
    reactivePowerInductiveL1: 500,
    reactivePowerCapacitiveL1: 0,
    reactivePowerInductiveL2: 0,
    reactivePowerCapacitiveL2: -1_000,
    reactivePowerInductiveL3: 1_500,
    reactivePowerCapacitiveL3: 0,
    reactivePowerInductiveTotal: 1_000,
    reactivePowerCapacitiveTotal: 0,
  };
  t.deepEqual(brokenChecks(sumOfPhases, pairs), []);
  t.is(brokenChecks(sumOfPhases, { ...pairs, reactivePowerInductiveTotal: 9_000 }).length, 1);
});

test('VA of all lie between the W and the sum of the phases', (t) => {
  const va = { ...WATTS, apparentPowerL1: 1_200, apparentPowerL2: 2_400, apparentPowerL3: 3_600 };
  for (const apparentPowerTotal of [6_000, 6_600, 7_200]) {
    t.deepEqual(brokenChecks(sumOfPhases, { ...va, apparentPowerTotal }), [], String(apparentPowerTotal));
  }
  for (const apparentPowerTotal of [1_200, 8_500]) {
    t.is(brokenChecks(sumOfPhases, { ...va, apparentPowerTotal }).length, 1, String(apparentPowerTotal));
  }
});

test('VA of a phase are V times A, or less by the harmonics that a model leaves out', (t) => {
  const phase = { voltageL1: 230, currentL1: 10 };
  for (const apparentPowerL1 of [2_300, 2_350, 2_000]) {
    t.deepEqual(brokenChecks(apparentPower, { ...phase, apparentPowerL1 }), [], String(apparentPowerL1));
  }
  for (const apparentPowerL1 of [230, 1_500, 2_600, 23_000]) {
    t.deepEqual(brokenChecks(apparentPower, { ...phase, apparentPowerL1 }), ['voltageL1 currentL1 apparentPowerL1']);
  }
});

test('without VA the root of W and var is held against V times A, and without var the W are', (t) => {
  const phase = { voltageL1: 230, currentL1: 10 };
  t.deepEqual(brokenChecks(apparentPower, { ...phase, activePowerL1: 2_000, reactivePowerL1: -1_100 }), []);
  t.is(brokenChecks(apparentPower, { ...phase, activePowerL1: 200, reactivePowerL1: 110 }).length, 1);
  t.deepEqual(brokenChecks(apparentPower, { ...phase, activePowerL1: 200 }), []);
  t.is(brokenChecks(apparentPower, { ...phase, activePowerL1: 2_700 }).length, 1);
});

test('a power factor is W by VA in size, whatever sign a model gives it', (t) => {
  const phase = { activePowerL1: 900, apparentPowerL1: 1_000 };
  for (const powerFactorL1 of [0.9, -0.9, 0.87]) t.deepEqual(brokenChecks(powerFactor, { ...phase, powerFactorL1 }), []);
  for (const powerFactorL1 of [0.7, 0.09, 900]) t.is(brokenChecks(powerFactor, { ...phase, powerFactorL1 }).length, 1);
  t.deepEqual(brokenChecks(powerFactor, { ...phase, activePowerL1: -900, powerFactorL1: 0.9 }), []);
});

test('a factor that is coded with its quadrant is taken out of the code', (t) => {
  const phase = { activePowerL1: 900, apparentPowerL1: 1_000 };
  for (const powerFactor4qL1 of [0.9, -0.9, 1.1, -1.1]) {
    t.deepEqual(brokenChecks(powerFactor, { ...phase, powerFactor4qL1 }), [], String(powerFactor4qL1));
  }
  t.is(brokenChecks(powerFactor, { ...phase, powerFactor4qL1: 1.4 }).length, 1);
});

test('of a load that is small a factor says nothing, and what is small depends on the transformers', (t) => {
  const small = { activePowerL1: 100, apparentPowerL1: 200, powerFactorL1: 1 };
  t.deepEqual(brokenChecks(powerFactor, small), []);
  const more = { activePowerL1: 300, apparentPowerL1: 600, powerFactorL1: 1 };
  t.is(brokenChecks(powerFactor, more).length, 1);
  t.deepEqual(brokenChecks(powerFactor, more, { ctPrimaryA: 250 }), []);
});

test('voltages lie in the band of EN 50160 about the nominal one', (t) => {
  for (const voltageL1 of [230, 253, 195.5]) t.deepEqual(brokenChecks(voltageBand, { voltageL1 }), []);
  for (const voltageL1 of [0, 23, 185, 262, 2_300]) t.deepEqual(brokenChecks(voltageBand, { voltageL1 }), ['voltageL1']);
  t.deepEqual(brokenChecks(voltageBand, { voltageL1: 127 }, { volts: 127 }), []);
});

test('voltages between phases lie in that band times the root of three', (t) => {
  t.deepEqual(brokenChecks(voltageBand, { voltageL12: 400, voltageAvg: 231 }), []);
  t.deepEqual(brokenChecks(voltageBand, { voltageL12: 230, voltageL31: 400 }), ['voltageL12']);
});

test('of a supply of one phase L1 alone is looked at', (t) => {
  const values = { voltageL1: 230, voltageL2: 0, voltageL12: 230, ...WATTS, activePowerL2: 0, activePowerL3: 0 };
  t.deepEqual(brokenChecks(voltageBand, values, { phases: 1 }), []);
  t.deepEqual(brokenChecks(sumOfPhases, { ...values, activePowerTotal: 1_000 }, { phases: 1 }), []);
  t.is(brokenChecks(sumOfPhases, values, { phases: 1 }).length, 1);
});

test('the frequency lies in the band of EN 50160 about the nominal one', (t) => {
  for (const frequency of [50, 47.1, 51.9]) t.deepEqual(brokenChecks(frequencyBand, { frequency }), []);
  for (const frequency of [0, 5, 60, 500]) t.deepEqual(brokenChecks(frequencyBand, { frequency }), ['frequency']);
  t.deepEqual(brokenChecks(frequencyBand, { frequency: 60 }, { hertz: 60 }), []);
});
