import { agentConfigSchema } from '@farola/agent/config.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { openMeter } from '@farola/agent/meter/meter.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { SimulatedMeter } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import { namedValues } from '@farola/agent/meter/tool/transcript/named-values.js';
import { VirtualTime } from '@farola/agent/meter/tool/transcript/node-virtual-time.js';
import { recordingTransport } from '@farola/agent/meter/tool/transcript/recording-transport.js';
import { replayTranscript } from '@farola/agent/meter/tool/transcript/replay-transcript.js';
import type { RecordedReading, Transfer } from '@farola/agent/meter/tool/transcript/transcript.js';
import { systemClock, systemTimers } from '@farola/shared';
import test from 'ava';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';
import { EVENING_MS, shippedProfile } from '../../../fakes/pty-meter.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

test('each reading of an analyser with scan groups is played by its own group', async (t) => {
  const config = agentConfigSchema.parse({
    lines: [{ id: 'main', transport: 'rtu', path: '/dev/x', baud: 9_600 }],
    analysers: [
      {
        id: 'mains',
        line: 'main',
        unit: 1,
        profile: 'eastron-sdm630',
        scanGroups: [{ seconds: 60, quantities: ['activePower*'] }],
      },
    ],
  });
  const adapters = await lineAdapters();
  const beginMs = adapters.nowMs();
  const nowMs = (): number => adapters.nowMs() - beginMs;
  const simulated = new SimulatedMeter({
    profile: shippedProfile('eastron-sdm630'),
    unit: 1,
    seed: 1,
    wallMs: () => EVENING_MS,
  });
  const line = new ScriptedTransport();
  line.onWrite = (frame) => {
    const answer = simulated.answer(frame);
    if (answer) queueMicrotask(() => line.receive(answer));
  };
  const transfers: Transfer[] = [];
  const meter = openMeter(config, profiles, {
    clock: systemClock(),
    timers: systemTimers,
    recognisable: async () => [],
    ...adapters,
    transportOf: () => recordingTransport(line, nowMs, (transfer) => void transfers.push(transfer)),
  });
  const readings: RecordedReading[] = [];
  for (const row of meter.analysers) {
    const atMs = nowMs();
    const reading = await meter.readers[row.index]?.read();
    if (!reading) continue;
    readings.push({ kind: 'reading', atMs, analyser: row.id, status: reading.status, values: namedValues(row, reading) });
  }
  await meter.close();
  t.is(readings.length, 2);
  const time = new VirtualTime();
  const { clientOf } = adapters;
  const transcript = { config: { lines: config.lines, analysers: config.analysers }, transfers, readings };
  const replayed = await time.run(replayTranscript(transcript, { time, config, profiles, clientOf }));
  t.deepEqual(replayed.unknown, []);
  t.deepEqual(
    replayed.readings.map(({ differs }) => differs),
    [[], []],
  );
});
