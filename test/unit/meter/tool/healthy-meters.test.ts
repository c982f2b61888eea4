import { PanelPlausibility } from '@farola/agent/main/plausibility.js';
import { flagName, pause, quantityById } from '@farola/shared';
import test from 'ava';
import { SHIPPED_IDS, shippedProfile } from '../../../fakes/pty-meter.js';
import { virtualMeter } from '../../../fakes/virtual-meter.js';

/** As who reads once is told: what does not agree counts at once. */
const AT_ONCE = { readings: 1, ms: 0 };
const at = (hours: number): number => Date.UTC(2026, 10, 22, 0, 0, 0) + hours * 3_600_000;

/** When a meter is read, from which hour of the day, each so many seconds, so many times. */
const READ: [what: string, hour: number, everySeconds: number, times: number][] = [
  ['in the evening', 21, 10, 36],
  ['while lamps are dimmed', 22.95, 10, 60],
  ['while lamps go off and stay so', 6.5, 60, 30],
  ['through a day', 12, 900, 96],
];

for (const id of SHIPPED_IDS) {
  for (const [what, hour, everySeconds, times] of READ) {
    test(`a healthy simulated ${id} that is read ${what} is plausible`, async (t) => {
      const profile = shippedProfile(id);
      const { time, config, meter } = virtualMeter(profile, at(hour), everySeconds);
      const loaded = { profile, origin: 'shipped' as const, hash: new Uint8Array(32), path: id };
      const profiles = new Map([[id, loaded]]);
      const panel = new PanelPlausibility({ config, profiles, rows: meter.analysers, patience: AT_ONCE });
      const found = new Set<string>();
      const reading = async (): Promise<void> => {
        for (let read = 0; read < times; read++) {
          const startedMs = time.now().monoMs;
          const one = await meter.readers[0]?.read();
          if (!one) throw new RangeError('one analyser is configured');
          t.is(one.status, 'complete');
          const { flags, events } = panel.judge(0, one);
          for (const { code } of events) found.add(code);
          for (const { code, places } of flags)
            for (const place of places)
              found.add(`${flagName(code)} ${quantityById(meter.analysers[0]?.quantities[place] ?? 0)?.name}`);
          await pause(time, everySeconds * 1_000 - (time.now().monoMs - startedMs));
        }
        await meter.close();
      };
      await time.run(reading());
      t.deepEqual([...found], []);
    });
  }
}
