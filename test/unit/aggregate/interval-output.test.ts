import test from 'ava';
import type { QuantitySeries } from '@farola/collector/aggregate/interval-series.js';
import { ZoneClock } from '@farola/collector/aggregate/zone-clock.js';
import { intervalChart } from '@farola/collector/cli/interval-chart.js';
import { percent } from '@farola/collector/cli/interval-rows.js';
import { quantityByName } from '@farola/shared';

const HOUR_MS = 3_600_000;

function energies(values: readonly (bigint | null)[]): QuantitySeries {
  const intervals = values.map((energy, i) => {
    return {
      fromMs: i * HOUR_MS,
      toMs: (i + 1) * HOUR_MS,
      energy,
      count: 60,
      flagged: 0,
      expected: 60,
      running: false,
      marks: [],
    };
  });
  const sum = {
    fromMs: 0,
    toMs: values.length * HOUR_MS,
    energy: 0n,
    count: 0,
    flagged: 0,
    marks: [],
    expected: 0,
    running: false,
  };
  return { quantity: quantityByName('activeEnergyImportTotal')!, kind: 'energy', intervals, gaps: [], sum };
}

test('a chart has a column for each interval, and tells what is not known from nothing', (t) => {
  t.deepEqual(intervalChart(energies([0n, 100n, 50n, null, 800n, 6n, 7n]), new ZoneClock('UTC'), 40), [
    'activeEnergyImportTotal [Wh]',
    '800 ┤    █',
    '    │    █',
    '    │    █',
    '    │    █',
    '    │    █',
    '    │    █',
    '    │    █',
    '  0 ┤ █▄·█ ▁',
    '     1970-01-01T00:00+00:00 1970-01-01T07:00+00:00',
  ]);
});

test('a chart that is wider than the terminal puts intervals together, and says so', (t) => {
  const [title, top, ...rest] = intervalChart(energies(Array.from({ length: 100 }, () => 10n)), new ZoneClock('UTC'), 54);
  t.is(title, 'activeEnergyImportTotal [Wh], 2 intervals a column');
  t.is(top, `20 ┤${'█'.repeat(50)}`);
  t.true(rest.every((line) => line.length <= 54));
});

test('a chart of nothing says so', (t) => {
  t.deepEqual(intervalChart(energies([null, null]), new ZoneClock('UTC'), 80), ['activeEnergyImportTotal: no data']);
});

test('only what is whole is complete', (t) => {
  t.deepEqual(
    [percent(0, 15), percent(14, 15), percent(2975, 2976), percent(15, 15), percent(16, 15), percent(0, 0)],
    ['0.0', '93.3', '99.9', '100.0', '100.0', null],
  );
});
