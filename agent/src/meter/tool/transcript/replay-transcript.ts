import type { AnalyserRow, Clock, Timers } from '@farola/shared';
import { pause, quantityById } from '@farola/shared';
import type { AgentConfig } from '../../../config/config-schema.js';
import { mbapTransport } from '../../line/mbap-transport.js';
import { openMeter } from '../../meter.js';
import { readAwake } from '../../read-awake.js';
import type { MeterDeps } from '../../meter.js';
import { shippedProfiles } from '../../profile/profile-file.js';
import type { Profiles } from '../../profile/profile-file.js';
import { namedValues } from './named-values.js';
import { replayTransport } from './replay-transport.js';
import { hexOf } from './transcript.js';
import type { RecordedReading, Transcript } from './transcript.js';

/** What a transcript is played with. */
export interface ReplayDeps extends Pick<MeterDeps, 'clientOf'> {
  readonly time: Clock & Timers;
  readonly config: AgentConfig;
  readonly profiles: Profiles;
}

/** A reading as it is now, beside the recorded one. */
export interface ReplayedReading {
  readonly recorded: RecordedReading;
  readonly status: string;
  readonly values: Readonly<Record<string, string>>;
  /** What is not as it was recorded: `status`, or the name of a quantity. */
  readonly differs: readonly string[];
}

/** What came of a transcript. */
export interface Replayed {
  readonly readings: readonly ReplayedReading[];
  /** Questions that were not recorded, bytes as a transcript writes them. */
  readonly unknown: readonly string[];
}

/** Reads as the recording did, each reading at its recorded time, with the transcript as the line. */
export async function replayTranscript({ transfers, readings }: Transcript, deps: ReplayDeps): Promise<Replayed> {
  const { time, config, profiles, clientOf } = deps;
  const nowMs = (): number => time.now().monoMs;
  const unknown: string[] = [];
  const meter = openMeter(config, profiles, {
    clock: time,
    timers: time,
    clientOf,
    nowMs,
    random: () => 0,
    recognisable: shippedProfiles,
    transportOf: (line) => {
      const onUnknown = (question: Uint8Array): void => void unknown.push(hexOf(question));
      const isCollected = line.transport === 'rtu';
      const played = replayTransport({ transfers, timers: time, nowMs, isCollected, holdsBack: !isCollected, onUnknown });
      return line.transport === 'modbus-tcp' ? mbapTransport(played, line) : played;
    },
  });
  const replayed: ReplayedReading[] = [];
  for (const recorded of readings) {
    await pause(time, Math.max(0, recorded.atMs - nowMs()));
    const row = rowOf(meter.analysers, recorded);
    const reader = row && meter.readers[row.index];
    const reading = reader && (await readAwake(reader));
    if (!row || !reading) continue;
    const values = namedValues(row, reading);
    const names = new Set([...Object.keys(recorded.values), ...Object.keys(values)]);
    const differs = [...names].filter((name) => recorded.values[name] !== values[name]);
    replayed.push({
      recorded,
      status: reading.status,
      values,
      differs: reading.status === recorded.status ? differs : ['status', ...differs],
    });
  }
  await meter.close();
  return { readings: replayed, unknown };
}

/** Of the groups of an analyser the one that has the quantities of a recorded reading: each quantity is in one group. */
function rowOf(rows: readonly AnalyserRow[], { analyser, values }: RecordedReading): AnalyserRow | undefined {
  const names = Object.keys(values);
  const common = (row: AnalyserRow): number => {
    const own = new Set(row.quantities.map((id) => quantityById(id)?.name));
    return names.filter((name) => own.has(name)).length;
  };
  const [most] = rows.filter(({ id }) => id === analyser).toSorted((a, b) => common(b) - common(a));
  return most;
}
