import { WaitingEntries } from '@farola/agent/journal/waiting-entries.js';
import { ClockWatch } from '@farola/agent/journal/clock-watch.js';
import { loadAgentConfig } from '@farola/agent/config.js';
import { PanelPlausibility } from '@farola/agent/main/plausibility.js';
import { recordSamples } from '@farola/agent/main/record-samples.js';
import { analyserRows } from '@farola/agent/meter/analyser-rows.js';
import type { DeviceMark } from '@farola/agent/meter/identity/setting-flags.js';
import { offsetRuns } from '@farola/agent/meter/offset-runs.js';
import type { Reading } from '@farola/agent/meter/reading.js';
import { decodeEntry, encodeEntry, type KnownEntry, SAMPLE_STATUS, type SampleStatus } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { writeConfig } from '../../fakes/modbus-bench.js';

const CONFIG = `lines: [{ id: rs485, transport: rtu, path: /dev/ttyUSB0 }]
analysers:
  - { id: mains, line: rs485, unit: 1, profile: circutor-cvm-c10, scanGroups: [{ seconds: 1, quantities: ['voltage*', 'frequency'] }] }
`;
const SPAN_MS = 900;
const DEVICE_MARKS: readonly DeviceMark[] = ['setting-changed', 'meter-exchanged'];

const value = fc.oneof(fc.constantFrom(null, 0, 1, 230_000), fc.integer({ min: -1_000_000, max: 1_000_000_000 }));
const read = fc.record({
  row: fc.nat({ max: 1 }),
  status: fc.constantFrom(...(Object.keys(SAMPLE_STATUS) as SampleStatus[])),
  values: fc.array(value, { minLength: 64, maxLength: 64 }),
  nothing: fc.boolean(),
  /** When each value was asked for; undefined where no request gave it. */
  askedMs: fc.array(fc.option(fc.nat({ max: SPAN_MS }), { nil: undefined }), { minLength: 64, maxLength: 64 }),
  deviceMarks: fc.subarray([...DEVICE_MARKS]),
  exchanged: fc.boolean(),
});

/** A panel of an analyser of two scan groups that keeps what it would put into its journal. */
async function panel(configPath: string) {
  const { config, profiles } = await loadAgentConfig(configPath);
  const rows = analyserRows(config, profiles).map(({ row }) => row);
  return () => {
    const time = new FakeTime();
    const entries: KnownEntry[] = [];
    const journal = { append: (entry: KnownEntry) => entries.push(entry) };
    const waiting = new WaitingEntries({ journal, clock: time, log: new RecordedLog() });
    const watch = new ClockWatch(time.now());
    const recorder = recordSamples({ entries: waiting, watch, clock: time, onSample: () => undefined });
    const plausibility = new PanelPlausibility({ config, profiles, rows, patience: { readings: 1, ms: 0 } });
    return { rows, time, entries, recorder, plausibility };
  };
}

test('whatever is read and marked is a sample that decodes to the same', async (t) => {
  const begin = await panel(await writeConfig(t, CONFIG));
  let marked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(read, { minLength: 1, maxLength: 8 }), async (readings) => {
      const { rows, time, entries, recorder, plausibility } = begin();
      for (const { row, status, values, nothing, askedMs, deviceMarks, exchanged } of readings) {
        await time.advance(1_000);
        const count = rows[row]?.quantities.length ?? 0;
        if (exchanged) plausibility.exchanged('mains');
        const reading: Reading = {
          startedAt: time.now(),
          spanMs: SPAN_MS,
          status,
          values: nothing ? [] : values.slice(0, count),
          offsets: nothing ? [] : offsetRuns(askedMs.slice(0, count)),
          failure: undefined,
          deviceMarks,
        };
        recorder.take(row, reading, plausibility.judge(row, reading).flags);
      }
      for (const entry of entries) {
        t.deepEqual(decodeEntry(encodeEntry(entry)), entry);
        if (entry.kind === 'sample' && (entry.marks?.flags.length ?? 0) > 1) marked++;
      }
    }),
    { numRuns: 300 },
  );
  t.true(marked > 100, 'some have marks of several rules');
});
