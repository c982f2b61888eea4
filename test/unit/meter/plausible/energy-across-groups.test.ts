import type { QuantityName } from '@farola/shared';
import test from 'ava';
import { named, watchOf } from '../../../fakes/plausibility-bench.js';

type Values = Readonly<Partial<Record<QuantityName, number | null>>>;

/** A scan group: what it reads of the device, how often, and how long after the begin of its period. */
interface Group {
  readonly quantities: readonly QuantityName[];
  readonly periodS: number;
  readonly afterMs: number;
}

/** Watts of the phases at a second, and what each counted until then, Wh. */
type Shown = (watts: readonly number[], wh: readonly number[], second: number) => Values;

const HOUR_S = 3_600;
const PHASES: QuantityName[] = ['activePowerL1', 'activePowerL2', 'activePowerL3'];
const OF_PHASES: QuantityName[] = ['activeEnergyImportL1', 'activeEnergyImportL2', 'activeEnergyImportL3'];
const TOTAL: QuantityName = 'activePowerTotal';
const ENERGY: QuantityName = 'activeEnergyImportTotal';
const sum = (of: readonly number[]): number => of.reduce((all, one) => all + one, 0);

/** Reads a device group by group, and gives the hours at which something of this rule was marked; none when it never was. */
function markedHours(
  rule: string,
  groups: readonly Group[],
  loads: (second: number) => readonly number[],
  shown: Shown,
  hours: number,
): number[] {
  const { take } = watchOf(groups.flatMap(({ quantities }) => quantities));
  const wh = [0, 0, 0];
  const found: number[] = [];
  for (let second = 0; second < hours * HOUR_S; second++) {
    const watts = loads(second);
    const values = shown(watts, wh, second);
    for (const { quantities, periodS, afterMs } of groups) {
      if (second % periodS !== Math.floor(afterMs / 1_000)) continue;
      const own = Object.fromEntries(quantities.map((name) => [name, values[name] ?? null]));
      const flags = named(take(second * 1_000 + (afterMs % 1_000), own, [], periodS));
      if (flags.some(([name]) => name === rule)) found.push(second / HOUR_S);
    }
    watts.forEach((one, phase) => (wh[phase] = (wh[phase] ?? 0) + one / HOUR_S));
  }
  return found;
}

/** Lamps of all phases, some of them switched now and then. */
const lamps = (second: number): readonly number[] => [
  Math.floor(second / 1_700) % 2 === 0 ? 2_000 : 1_400,
  1_800,
  Math.floor(second / 2_900) % 2 === 0 ? 1_500 : 900,
];

const apart = (periods: readonly number[], energyS: number): Group[] => [
  ...PHASES.map((name, phase) => ({ quantities: [name], periodS: periods[phase] ?? 60, afterMs: 1_200 * phase })),
  { quantities: [ENERGY], periodS: energyS, afterMs: 4_000 },
];

for (const [periods, energyS] of [
  [[60, 60, 60], 60],
  [[10, 60, 60], 900],
  [[60, 10, 120], 60],
] as const) {
  const name = `phases each ${periods.join(', ')} s and energy each ${energyS} s`;
  const honest: Shown = (watts, wh) => ({
    activePowerL1: watts[0] ?? 0,
    activePowerL2: watts[1] ?? 0,
    activePowerL3: watts[2] ?? 0,
    [ENERGY]: Math.floor(sum(wh)),
  });

  test(`${name}, in groups of their own: an honest meter agrees`, (t) => {
    t.deepEqual(markedHours('energy-against-power', apart(periods, energyS), lamps, honest, 6), []);
  });

  test(`${name}, in groups of their own: a phase that shows a tenth is found by the energy`, (t) => {
    const faulty: Shown = (watts, wh, second) => ({ ...honest(watts, wh, second), activePowerL2: (watts[1] ?? 0) / 10 });
    const [first] = markedHours('energy-against-power', apart(periods, energyS), lamps, faulty, 4);
    t.true(first !== undefined && first < 1.5, String(first));
  });
}

test('two tariffs in groups of their own are held against the power together', (t) => {
  const groups: Group[] = [
    { quantities: [TOTAL], periodS: 60, afterMs: 0 },
    { quantities: ['activeEnergyImportTariff1'], periodS: 60, afterMs: 2_500 },
    { quantities: ['activeEnergyImportTariff2'], periodS: 300, afterMs: 4_500 },
  ];
  const shows =
    (scale: number): Shown =>
    (watts, wh, second) => {
      const before = Math.min(second, 2 * HOUR_S) / Math.max(second, 1);
      return {
        [TOTAL]: sum(watts) / scale,
        activeEnergyImportTariff1: Math.floor(sum(wh) * before),
        activeEnergyImportTariff2: Math.floor(sum(wh) * (1 - before)),
      };
    };
  const even = (): readonly number[] => [2_000, 1_800, 1_500];
  t.deepEqual(markedHours('energy-against-power', groups, even, shows(1), 5), []);
  const [first] = markedHours('energy-against-power', groups, even, shows(3), 5);
  t.true(first !== undefined && first < 1.5, String(first));
});

test('a tariff that jumped between two samples of the other makes no power suspicious', (t) => {
  const { take } = watchOf([TOTAL, 'activeEnergyImportTariff1', 'activeEnergyImportTariff2']);
  for (let minute = 0; minute < 240; minute++) {
    const at = minute * 60_000;
    const jumped = minute < 92 ? 0 : 90_000_000;
    const tariff1 = take(at + 100, { activeEnergyImportTariff1: 1_000 + minute * 50 + jumped });
    if (minute > 93) t.deepEqual(named(tariff1), [], `minute ${minute}`);
    t.deepEqual(named(take(at + 200, { [TOTAL]: 3_000 })), []);
    if (minute % 5 === 0) t.deepEqual(named(take(at + 2_300, { activeEnergyImportTariff2: 7_000 }, [], 300)), []);
  }
});

/** A panel that is dark by day, with the transformer of L3 turned round: it gives what the others draw. */
const turned = (second: number): readonly number[] => (second < 2.2 * HOUR_S ? [0, 0, 0] : [4_000, 4_000, -3_000]);

/** The model counts what each phase draws, and shows the sum of the powers. */
const countsPhases: Shown = (watts, wh) => ({
  activePowerL1: watts[0] ?? 0,
  activePowerL2: watts[1] ?? 0,
  activePowerL3: watts[2] ?? 0,
  [TOTAL]: sum(watts),
  [ENERGY]: Math.floor(sum(wh.map((one) => Math.max(0, one)))),
});

for (const phasesS of [60, 900, 3_600]) {
  const groups: Group[] = [
    { quantities: [TOTAL, ENERGY], periodS: 60, afterMs: 0 },
    { quantities: PHASES, periodS: phasesS, afterMs: 1_400 },
  ];

  test(`phases of which one gives, read each ${phasesS} s: what they count is no fault of the total`, (t) => {
    t.deepEqual(markedHours('energy-against-power', groups, turned, countsPhases, 7), []);
  });

  test(`phases read each ${phasesS} s keep no fault of the total from being found`, (t) => {
    const drawing = (second: number): readonly number[] => (second < 2.2 * HOUR_S ? [0, 0, 0] : [4_000, 4_000, 3_000]);
    const faulty: Shown = (watts, wh, second) => ({ ...countsPhases(watts, wh, second), [TOTAL]: sum(watts) / 10 });
    const [first] = markedHours('energy-against-power', groups, drawing, faulty, 7);
    t.true(first !== undefined && first < 2.2 + Math.max(0.5, (2.5 * phasesS) / HOUR_S), String(first));
  });
}

const counters = (afterMs: number, phasesS = 60): Group[] => [
  { quantities: [ENERGY], periodS: 60, afterMs: 0 },
  ...OF_PHASES.map((name, phase) => ({ quantities: [name], periodS: phasesS, afterMs: afterMs * (phase + 1) })),
];

const counted =
  (ofL2: number): Shown =>
  (_, wh) => ({
    activeEnergyImportL1: 700_000 + Math.floor(wh[0] ?? 0),
    activeEnergyImportL2: Math.floor((wh[1] ?? 0) * ofL2),
    activeEnergyImportL3: Math.floor(wh[2] ?? 0),
    [ENERGY]: Math.floor(sum(wh)),
  });

for (const [afterMs, phasesS, withinH] of [
  [300, 60, 1],
  [2_000, 60, 5],
  [2_000, 900, 6],
] as const) {
  test(`counters of phases that are asked ${afterMs} ms after each other, each ${phasesS} s, are held against that of all`, (t) => {
    const groups = counters(afterMs, phasesS);
    t.deepEqual(markedHours('sum-of-phases', groups, lamps, counted(1), 8), []);
    const [first] = markedHours('sum-of-phases', groups, lamps, counted(0), 8);
    t.true(first !== undefined && first <= withinH, String(first));
  });
}

test('a device that has no values of its phases is judged by the total alone', (t) => {
  const groups: Group[] = [{ quantities: [TOTAL, ENERGY, ...PHASES], periodS: 60, afterMs: 0 }];
  const shows =
    (scale: number): Shown =>
    (watts, wh) => ({ [TOTAL]: sum(watts) / scale, [ENERGY]: Math.floor(sum(wh)) });
  t.deepEqual(markedHours('energy-against-power', groups, lamps, shows(1), 3), []);
  const [first] = markedHours('energy-against-power', groups, lamps, shows(10), 3);
  t.true(first !== undefined && first < 1, String(first));
});

test('a model that has no values of what its phases give is judged without them', (t) => {
  const groups: Group[] = [
    {
      quantities: [ENERGY, ...OF_PHASES, 'activeEnergyExportL1', 'activeEnergyExportL2', 'activeEnergyExportL3'],
      periodS: 60,
      afterMs: 0,
    },
  ];
  t.deepEqual(markedHours('sum-of-phases', groups, lamps, counted(1), 3), []);
  t.true(markedHours('sum-of-phases', groups, lamps, counted(0), 3).length > 0);
});
