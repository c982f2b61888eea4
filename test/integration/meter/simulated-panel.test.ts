import { readMeter } from '@farola/agent/cli/meter-read.js';
import { type FarolaError } from '@farola/shared';
import { startSimulatedPanel } from '#scripts/simulated-panel.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { readNamed, realMeter, writeConfig } from '../../fakes/modbus-bench.js';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 22, 12, 0, 0);

const config = (
  port: number,
) => `lines: [{ id: main, transport: rtu-over-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 200, gapMs: 0 }]
analysers:
  - { id: general, line: main, unit: 1, profile: circutor-cvm-c10, serialNumber: SN-7, ctRatio: { primary: 100, secondary: 5 } }
  - { id: park, line: main, unit: 2, profile: eastron-sdm630 }
`;

/** A panel whose time a test moves. */
async function panelAt(t: ExecutionContext, startMs: number, seed = 1) {
  let nowMs = startMs;
  const panel = await startSimulatedPanel({ seed, nowMs: () => nowMs });
  t.teardown(() => panel.close());
  return { panel, meter: await realMeter(t, config(panel.port)), move: (ms: number) => void (nowMs += ms) };
}

const numbers = (named: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, Number(value ?? Number.NaN)]));

test('shows the load of a night: dark at noon, lit in the evening, dimmed at midnight', async (t) => {
  const { meter, move } = await panelAt(t, NOON);
  const watts: number[] = [];
  for (let hour = 12; hour <= 36; hour += 6) {
    watts.push(numbers((await readNamed(meter, 0)).named)['activePowerTotal'] ?? 0);
    move(6 * HOUR);
  }
  const [noon = 0, evening = 0, midnight = 0, morning = 0, nextNoon = 0] = watts;
  t.true(noon < 50 && nextNoon < 50, watts.join());
  t.true(evening > 5_000 && evening < 6_000, watts.join());
  t.true(midnight > 0.5 * evening && midnight < 0.7 * evening, watts.join());
  t.true(morning > 5_000, watts.join());
});

for (const [index, model] of ['CVM-C10', 'SDM630'].entries()) {
  test(`shows a ${model} that agrees with itself`, async (t) => {
    const { meter } = await panelAt(t, NOON + 8 * HOUR);
    const reading = await readNamed(meter, index);
    t.is(reading.status, 'complete');
    const values = numbers(reading.named);
    const of = (name: string): number => values[name] ?? Number.NaN;
    for (const phase of ['L1', 'L2', 'L3']) {
      const product = of(`voltage${phase}`) * of(`current${phase}`) * of(`powerFactor${phase}`);
      t.true(Math.abs(of(`activePower${phase}`) - product) <= 1, phase);
    }
    const sum = of('activePowerL1') + of('activePowerL2') + of('activePowerL3');
    t.is(of('activePowerTotal'), sum);
    t.true(of('frequency') > 49.9 && of('frequency') < 50.1);
  });

  test(`counts the energy of a ${model} as the integral of its power, and never back`, async (t) => {
    const { meter, move } = await panelAt(t, NOON);
    let before = numbers((await readNamed(meter, index)).named)['activeEnergyImportTotal'] ?? 0;
    for (let hour = 0; hour < 24; hour++) {
      const start = numbers((await readNamed(meter, index)).named)['activePowerTotal'] ?? 0;
      move(HOUR);
      const end = numbers((await readNamed(meter, index)).named);
      const energy = (end['activeEnergyImportTotal'] ?? 0) - before;
      const powers = [start, end['activePowerTotal'] ?? 0];
      t.true(energy >= 0);
      t.true(energy >= 0.9 * Math.min(...powers) - 2 && energy <= 1.1 * Math.max(...powers) + 2, `hour ${hour}: ${energy}`);
      before = end['activeEnergyImportTotal'] ?? 0;
    }
  });
}

test('shows the same to everyone with the same seed and time', async (t) => {
  const [one, again, other] = [await panelAt(t, NOON, 7), await panelAt(t, NOON, 7), await panelAt(t, NOON, 8)];
  for (const { move } of [one, again, other]) move(9 * HOUR);
  const shown = await Promise.all([one, again, other].map(async ({ meter }) => (await readNamed(meter, 1)).named));
  t.deepEqual(shown[0], shown[1]);
  t.notDeepEqual(shown[0], shown[2]);
});

test('tells the analyser table what the configuration and the profiles say', async (t) => {
  const { meter } = await panelAt(t, NOON);
  t.like(meter.analysers[0], { index: 0, id: 'general', line: 'main', unit: 1, profileId: 'circutor-cvm-c10' });
  t.like(meter.analysers[0], { serialNumber: 'SN-7', ctRatio: [100, 5], vtRatio: null });
  t.is(meter.analysers[0]?.profileHash.length, 32);
  t.deepEqual(meter.analysers[0]?.quantities.slice(0, 3), [1, 4, 7]);
  t.like(meter.analysers[1], { index: 1, serialNumber: null, ctRatio: null });
});

test('loses one timeout to a dead analyser, and nothing of the other', async (t) => {
  const { panel, meter } = await panelAt(t, NOON);
  panel.setSilent(1, true);
  t.is((await readNamed(meter, 0)).status, 'timeout');
  t.is((await readNamed(meter, 1)).status, 'complete');
  t.is(meter.lines[0]?.counters.timeouts, 1);
  panel.setSilent(1, false);
  t.is((await readNamed(meter, 0)).status, 'complete');
});

test('prints a table of what was read', async (t) => {
  const { panel } = await panelAt(t, NOON + 8 * HOUR);
  const lines: string[] = [];
  await readMeter({ config: await writeConfig(t, config(panel.port)), analysers: ['general'] }, (line) => lines.push(line));
  t.regex(lines[0] ?? '', /^general \(circutor-cvm-c10, unit 1 on main\): complete/);
  t.true(lines.some((line) => /^ {2}voltageL1 +\d{3}\.\d0 V +1-0:32\.7\.0$/.test(line)));
  t.is(lines.length, 47);
});

test('marks what is not plausible in table and JSON, and leaves it as it was read', async (t) => {
  const { panel } = await panelAt(t, NOON + 8 * HOUR);
  const path = await writeConfig(t, config(panel.port).replace('serialNumber: SN-7', 'supply: { volts: 127 }'));
  const lines: string[] = [];
  await readMeter({ config: path, analysers: ['general'] }, (line) => lines.push(line));
  t.true(
    lines.some((line) => /^ {2}voltageL1 +2\d\d\.\d0 V +1-0:32\.7\.0 +! voltage-band$/.test(line)),
    lines.join('\n'),
  );
  t.false(lines.some((line) => /^ {2}(current|active).*!/.test(line)));
  const json: string[] = [];
  await readMeter({ config: path, analysers: ['general'], json: true }, (line) => json.push(line));
  const { values } = JSON.parse(json[0] ?? '') as { values: { quantity: string; flags: string[] }[] };
  t.like(values[0], { quantity: 'voltageL1', flags: ['voltage-band'] });
  t.like(values[1], { quantity: 'currentL1', flags: [] });
});

test('prints JSON of what was read', async (t) => {
  const { panel } = await panelAt(t, NOON);
  const lines: string[] = [];
  await readMeter({ config: await writeConfig(t, config(panel.port)), json: true }, (line) => lines.push(line));
  const said: unknown[] = lines.map((line): unknown => JSON.parse(line));
  t.like(said[0], { analyserId: 'general', serialNumber: 'SN-7', status: 'complete' });
  t.like(said[1], { analyserId: 'park', serialNumber: null, status: 'complete' });
});

test('prints the others when one is dead, and then the one error', async (t) => {
  const { panel } = await panelAt(t, NOON);
  panel.setSilent(1, true);
  const lines: string[] = [];
  const path = await writeConfig(t, config(panel.port));
  const error = await t.throwsAsync<FarolaError>(readMeter({ config: path }, (line) => lines.push(line)));
  t.is(error.code, 'meter-timeout');
  t.true(lines.some((line) => line.startsWith('park') && line.includes('complete')));
});

test('refuses to read an analyser that is not configured', async (t) => {
  const path = await writeConfig(t, config(1));
  const error = await t.throwsAsync<FarolaError>(readMeter({ config: path, analysers: ['cellar'] }, () => undefined));
  t.is(error.code, 'analyser-unknown');
  t.is(error.facts['known'], 'general, park');
});
