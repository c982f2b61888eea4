import { WaitingEntries } from '@farola/agent/journal/waiting-entries.js';
import { ClockWatch } from '@farola/agent/journal/clock-watch.js';
import { loadAgentConfig } from '@farola/agent/config.js';
import { PanelPlausibility } from '@farola/agent/main/plausibility.js';
import { recordSamples } from '@farola/agent/main/record-samples.js';
import { takeReadings } from '@farola/agent/main/take-readings.js';
import { analyserRows } from '@farola/agent/meter/analyser-rows.js';
import type { KnownEntry } from '@farola/shared';
import { quantityById } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { writeConfig } from '../../fakes/modbus-bench.js';

const CONFIG = `lines: [{ id: rs485, transport: rtu, path: /dev/ttyUSB0 }]
analysers:
  - { id: mains, line: rs485, unit: 1, profile: eastron-sdm630, ctRatio: { primary: 100, secondary: 5 } }
`;

test('a counter that begins anew is a sample with its mark, and behind it an event of its own in the journal', async (t) => {
  const { config, profiles } = await loadAgentConfig(await writeConfig(t, CONFIG));
  const rows = analyserRows(config, profiles).map(({ row }) => row);
  const time = new FakeTime();
  const entries: KnownEntry[] = [];
  const journal = { append: (entry: KnownEntry) => entries.push(entry) };
  const waiting = new WaitingEntries({ journal, clock: time, log: new RecordedLog() });
  const recorder = recordSamples({ entries: waiting, watch: new ClockWatch(time.now()), clock: time, onSample: () => undefined });
  const told: string[] = [];
  const sink = takeReadings({
    health: { sampled: (_, status) => void told.push(`health ${status}`) },
    outcomes: { sampled: (index) => void told.push(`outcome ${index}`) },
    plausibility: new PanelPlausibility({ config, profiles, rows, patience: { readings: 1, ms: 0 } }),
    recorder,
  });
  const counter = rows[0]!.quantities.findIndex((id) => quantityById(id)?.name === 'activeEnergyImportTotal');
  for (const wattHours of [5_000_000, 5_000_100, 5_000_200, 40, 140]) {
    await time.advance(60_000);
    const values = rows[0]!.quantities.map((_, place) => (place === counter ? wattHours : null));
    await sink(0, { startedAt: time.now(), spanMs: 5, status: 'complete', values, offsets: [], failure: undefined });
  }
  t.deepEqual(
    entries.map((entry) => (entry.kind === 'event' ? entry.code : entry.kind)),
    ['sample', 'sample', 'sample', 'sample', 'counter-reset', 'sample'],
  );
  const event = entries[4];
  t.true(event?.kind === 'event' && event.facts.some((fact) => fact === 'mains'), JSON.stringify(event));
  const marked = entries[3];
  t.deepEqual(marked?.kind === 'sample' && marked.marks?.flags.map(({ places }) => places), [[counter]]);
  t.deepEqual(told.slice(0, 2), ['health complete', 'outcome 0']);
});
