import { PlausibilityWatch } from '@farola/agent/meter/plausible/plausibility-watch.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { flagName, quantityById } from '@farola/shared';
import test from 'ava';
import { LampPanel } from '../../../fakes/lamp-panel.js';
import { seededRandom } from '../../../fakes/seeded-random.js';
import { PanelReader } from '../../../fakes/panel-readings.js';

const SUPPLY = { volts: 230, hertz: 50, phases: 3 as const, ctPrimaryA: undefined, hasVt: false };
/** Mean times from switch to switch of each of twelve lamp groups, ms. */
const SWITCHED = [20_000, 120_000, 600_000, 3_600_000];
const GROUP_WATTS = [50, 300, 1_500, 8_000];
const PERIODS = [60, 60, 10, 1, 60];
const LONG = process.env['FAROLA_LONG'] === '1';
const PANELS = LONG ? 24 : 8;
const READINGS = LONG ? 150 : 60;

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

for (const [id, { profile }] of profiles) {
  test(`${id}: ${PANELS * READINGS} readings of honest meters, lamps switched at random, are plausible`, (t) => {
    for (let seed = 1; seed <= PANELS; seed++) {
      const switchMs = SWITCHED[seed % SWITCHED.length] ?? 0;
      const groupWatts = GROUP_WATTS[(seed >> 1) % GROUP_WATTS.length] ?? 0;
      const periodS = PERIODS[seed % PERIODS.length] ?? 60;
      const panel = new LampPanel({ seed, switchMs, groupWatts, darkHours: seed % 3 === 0 });
      const reader = new PanelReader(panel, profile, periodS);
      const watch = new PlausibilityWatch({ id, profile, supply: SUPPLY });
      for (let n = 0; n < READINGS; n++) {
        const { flags, events } = watch.take(reader.row, reader.readAt(1_000 + n * periodS * 1_000));
        const told = flags.flatMap(({ code, places }) =>
          places.map((place) => `${flagName(code)} ${quantityById(reader.row.quantities[place] ?? 0)?.name}`),
        );
        t.deepEqual([told, events], [[], []], `seed ${seed}, reading ${n}`);
      }
    }
  });
}

/** Periods of the scan groups of a panel, and how long it is read, s. */
const GROUPED = [
  { periods: [10, 60], seconds: 3_600 },
  { periods: [60, 900], seconds: 14_400 },
  { periods: [1, 60, 300], seconds: 600 },
  { periods: [900, 20, 60], seconds: 7_200 },
];

for (const [id, { profile }] of profiles) {
  test(`${id}: honest meters are plausible however their quantities are split into scan groups`, (t) => {
    for (let seed = 1; seed <= PANELS / 2; seed++) {
      const { periods = [], seconds = 0 } = GROUPED[seed % GROUPED.length] ?? {};
      const panel = new LampPanel({ seed, switchMs: SWITCHED[seed % SWITCHED.length] ?? 0, groupWatts: 1_500 });
      const random = seededRandom(`groups ${seed}`);
      const groupOf = profile.rows.map(() => (random.bytes(1)[0] ?? 0) % periods.length);
      const groups = periods.flatMap((periodS, group) => {
        const rows = [...groupOf.keys()].filter((row) => groupOf[row] === group);
        return rows.length === 0 ? [] : [new PanelReader(panel, profile, periodS, {}, rows)];
      });
      groups.sort((a, b) => a.row.periodS - b.row.periodS);
      const watch = new PlausibilityWatch({ id, profile, supply: SUPPLY });
      let freeMs = 0;
      for (let second = 0; second < seconds; second++) {
        for (const reader of groups) {
          if (second % reader.row.periodS !== 0) continue;
          const reading = reader.readAt(Math.max(freeMs, 1_000 + second * 1_000));
          freeMs = reading.startedAt.monoMs + reading.spanMs;
          const { flags, events } = watch.take(reader.row, reading);
          const told = flags.flatMap(({ code, places }) =>
            places.map((place) => `${flagName(code)} ${quantityById(reader.row.quantities[place] ?? 0)?.name}`),
          );
          if (told.length + events.length > 0) t.fail(`seed ${seed}, second ${second}: ${told.join()} ${JSON.stringify(events)}`);
        }
      }
    }
    t.pass();
  });
}
