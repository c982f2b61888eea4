import { idOf } from '@farola/agent/meter/plausible/quantity-ids.js';
import type { OffsetRun, QuantityName } from '@farola/shared';
import test from 'ava';
import { named, watchOf } from '../../../fakes/plausibility-bench.js';

const MINUTE_MS = 60_000;
const WATTS: QuantityName[] = ['activePowerL1', 'activePowerL2', 'activePowerL3', 'activePowerTotal'];
const ENERGY: QuantityName = 'activeEnergyImportTotal';

const good = { activePowerL1: 1_000, activePowerL2: 1_000, activePowerL3: 1_000, activePowerTotal: 3_000 };
const bad = { ...good, activePowerTotal: 1_000 };
const TWO_REQUESTS: readonly OffsetRun[] = [
  { count: 3, ms: 0 },
  { count: 1, ms: 200 },
];

test('what one request read counts at once, and all that was compared is marked by its place', (t) => {
  const { take } = watchOf(WATTS);
  t.deepEqual(named(take(0, bad)), [['sum-of-phases', [0, 1, 2, 3]]]);
  t.deepEqual(named(take(MINUTE_MS, good)), []);
});

test('what different requests read counts when it disagrees in five readings in a row', (t) => {
  const { take } = watchOf(WATTS);
  const found = [bad, bad, bad, bad, good, bad, bad, bad, bad, bad, bad].map(
    (values, minute) => named(take(minute * MINUTE_MS, values, TWO_REQUESTS)).length,
  );
  t.deepEqual(found, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
});

test('of a group that is read each second a minute must pass as well', (t) => {
  const { take } = watchOf(WATTS);
  const first = Array.from({ length: 70 }, (_, second) => take(second * 1_000, bad, TWO_REQUESTS, 1)).findIndex(
    ({ flags }) => flags.length > 0,
  );
  t.is(first, 60);
});

test('of a load that moved since the last reading one disagreement may be its switch', (t) => {
  const { take } = watchOf(WATTS);
  take(0, good);
  t.deepEqual(named(take(MINUTE_MS, { ...good, activePowerL1: 2_000 })), []);
});

test('values that were asked for more than a second apart are not compared', (t) => {
  const { take } = watchOf(WATTS);
  const slow = [
    { count: 3, ms: 0 },
    { count: 1, ms: 1_500 },
  ];
  for (let minute = 0; minute < 10; minute++) t.deepEqual(named(take(minute * MINUTE_MS, bad, slow)), []);
});

test('values of two scan groups are compared when they are of one moment, and the newer ones are marked', (t) => {
  const { take } = watchOf(WATTS);
  const { activePowerTotal, ...phases } = bad;
  for (let minute = 0; minute < 6; minute++) {
    t.deepEqual(named(take(minute * MINUTE_MS, phases)), []);
    t.deepEqual(named(take(minute * MINUTE_MS + 300, { activePowerTotal })), minute < 4 ? [] : [['sum-of-phases', [0]]]);
  }
});

test('a value that is missing is neither compared nor marked', (t) => {
  const { take } = watchOf(WATTS);
  t.deepEqual(named(take(0, { ...bad, activePowerL2: null })), []);
});

test('a reading without values says nothing', (t) => {
  const { watch } = watchOf(WATTS);
  const startedAt = { monoMs: 0, wallMs: 0, quality: 'none' as const };
  t.deepEqual(watch.take({ quantities: WATTS.map(idOf), periodS: 60 }, { startedAt, spanMs: 0, values: [] }), {
    flags: [],
    events: [],
  });
});

test('a counter that was reset is marked, and told with analyser, quantity and both values', (t) => {
  const { take } = watchOf([ENERGY]);
  take(0, { [ENERGY]: 5_000_000 });
  const found = take(MINUTE_MS, { [ENERGY]: 12 });
  t.deepEqual(named(found), [['counter-reset', [0]]]);
  t.deepEqual(found.events, [{ code: 'counter-reset', facts: ['mains', idOf(ENERGY), 5_000_000, 12] }]);
});

test('after an exchange each counter is marked once, and nothing is told of its step', (t) => {
  const { watch, take } = watchOf([ENERGY]);
  take(0, { [ENERGY]: 5_000_000 });
  watch.exchanged();
  t.deepEqual(take(MINUTE_MS, { [ENERGY]: 12 }), { flags: [{ code: 13, places: [0] }], events: [] });
  t.deepEqual(named(take(2 * MINUTE_MS, { [ENERGY]: 30 })), []);
});

/** A load of 48.5 kW of which the register shows 16.5 kW: what a control system took for the total for months. */
test('a power of L1 that was taken for the total is found by its counter (the PAC1020 story)', (t) => {
  const { take } = watchOf(['activePowerTotal', ENERGY]);
  const found = Array.from({ length: 60 }, (_, minute) => {
    const counted = 1_000_000 + Math.floor((48_500 * minute) / 60);
    return named(take(minute * MINUTE_MS, { activePowerTotal: 16_500, [ENERGY]: counted }));
  });
  const first = found.findIndex((flags) => flags.length > 0);
  t.true(first > 0 && first <= 15, `found after ${first} minutes`);
  for (const flags of found.slice(first)) t.deepEqual(flags, [['energy-against-power', [0, 1]]]);
});

test('the same load read as it is agrees, and marks end when it comes to agree', (t) => {
  const { take } = watchOf(['activePowerTotal', ENERGY]);
  const found = Array.from({ length: 120 }, (_, minute) => {
    const activePowerTotal = minute < 40 ? 16_500 : 48_500;
    return take(minute * MINUTE_MS, { activePowerTotal, [ENERGY]: Math.floor((48_500 * minute) / 60) }).flags.length;
  });
  t.is(found[39], 1);
  t.is(found.at(-1), 0);
});

test('power each second and energy each minute, of two scan groups, agree through switching', (t) => {
  const { take } = watchOf(['activePowerTotal', ENERGY]);
  let wh = 0;
  for (let second = 0; second < 3 * 3_600; second++) {
    const watts = Math.floor(second / 700) % 2 === 0 ? 6_000 : 800;
    t.deepEqual(take(second * 1_000, { activePowerTotal: watts }, [], 1).flags, []);
    if (second % 60 === 30) t.deepEqual(take(second * 1_000 + 400, { [ENERGY]: Math.floor(wh) }).flags, []);
    wh += watts / 3_600;
  }
});

test('a gap in the power makes no energy suspicious', (t) => {
  const { take } = watchOf(['activePowerTotal', ENERGY]);
  for (let minute = 0; minute < 240; minute++) {
    const isGap = minute > 60 && minute < 150;
    const values = {
      activePowerTotal: minute < 100 ? 500 : 9_000,
      [ENERGY]: minute < 100 ? minute * 8 : 800 + (minute - 100) * 150,
    };
    if (!isGap) t.deepEqual(named(take(minute * MINUTE_MS, values)), []);
  }
});

test('phases that count another energy than the total are found by what they count, not by where they stand', (t) => {
  const counters: QuantityName[] = ['activeEnergyImportL1', 'activeEnergyImportL2', 'activeEnergyImportL3', ENERGY];
  const run = (total: number) => {
    const { take } = watchOf(counters);
    return Array.from(
      { length: 60 },
      (_, minute) =>
        take(minute * MINUTE_MS, {
          activeEnergyImportL1: 10 + minute * 20,
          activeEnergyImportL2: 700_000 + minute * 20,
          activeEnergyImportL3: minute * 20,
          [ENERGY]: 5_000 + minute * total,
        }).flags.length,
    ).some((count) => count > 0);
  };
  t.deepEqual([run(60), run(40), run(20)], [false, true, true]);
});
