import type { AgentConfig } from '@farola/agent/config.js';
import { agentConfigSchema } from '@farola/agent/config.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { openMeter } from '@farola/agent/meter/meter.js';
import type { Meter } from '@farola/agent/meter/meter.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { SimulatedMeter } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import { VirtualTime } from '@farola/agent/meter/tool/transcript/node-virtual-time.js';
import { ScriptedTransport } from './modbus-transport.js';

/** A simulated meter and who reads it, as the agent does, in time that does not pass. */
export interface VirtualMeter {
  readonly time: VirtualTime;
  readonly config: AgentConfig;
  readonly meter: Meter;
}

const { clientOf } = await lineAdapters();

/** A meter of a profile on a line of its own. @param beginMs simulated time at which it begins, ms since 1970 UTC */
export function virtualMeter(profile: Profile, beginMs: number, sampleSeconds: number): VirtualMeter {
  const config = agentConfigSchema.parse({
    lines: [{ id: 'main', transport: 'rtu', path: '/dev/x', baud: 9_600 }],
    analysers: [{ id: 'mains', line: 'main', unit: 1, profile: profile.id }],
    sampleSeconds,
  });
  const time = new VirtualTime();
  const nowMs = (): number => time.now().monoMs;
  const simulated = new SimulatedMeter({ profile, unit: 1, seed: 1, wallMs: () => beginMs + nowMs() });
  const line = new ScriptedTransport();
  line.onWrite = (frame) => {
    const answer = simulated.answer(frame);
    if (answer) time.after(50, () => line.receive(answer));
  };
  const loaded = { profile, origin: 'shipped' as const, hash: new Uint8Array(32), path: profile.id };
  const meter = openMeter(config, new Map([[profile.id, loaded]]), {
    clock: time,
    timers: time,
    nowMs,
    random: () => 0,
    recognisable: async () => [],
    clientOf,
    transportOf: () => line,
  });
  return { time, config, meter };
}
