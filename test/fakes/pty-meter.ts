import { linuxPtyPort } from '@farola/agent/meter/tool/simulate/linux-pty-port.js';
import { faultyMeter } from '@farola/agent/meter/tool/simulate/faulty-meter.js';
import type { Faults } from '@farola/agent/meter/tool/simulate/faults.js';
import { serveSlave } from '@farola/agent/meter/tool/simulate/serve-slave.js';
import { SimulatedMeter } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import type { SlavePort } from '@farola/agent/meter/tool/simulate/slave-port.js';
import { tcpSlavePort } from '@farola/agent/meter/tool/simulate/tcp-slave-port.js';
import type { SimulatedFacts } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { systemTimers } from '@farola/shared';
import type { ExecutionContext } from 'ava';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

/** Nine in the evening: lamps are lit. */
export const EVENING_MS = Date.UTC(2026, 10, 22, 21, 0, 0);

/** A meter on a pseudo-terminal, as a test wants it. */
export interface PtyMeterOptions {
  readonly profile?: string | Profile;
  readonly unit?: number;
  readonly facts?: SimulatedFacts;
  readonly faults?: Faults;
}

/** A shipped profile. */
export function shippedProfile(id: string): Profile {
  const profile = profiles.get(id)?.profile;
  if (!profile) throw new RangeError(`no profile ${id} is shipped`);
  return profile;
}

/** Ids of all shipped profiles. */
export const SHIPPED_IDS: readonly string[] = [...profiles.keys()];

/** Puts meters onto one pseudo-terminal, whose path it gives; time stands still for what they show. */
export function ptyMeters(t: ExecutionContext, ...meters: readonly PtyMeterOptions[]): string {
  return serveMeters(t, linuxPtyPort(), 'rtu', meters);
}

/** The same on a free port of TCP, which it gives. */
export async function tcpMeters(
  t: ExecutionContext,
  framing: 'rtu' | 'tcp',
  ...meters: readonly PtyMeterOptions[]
): Promise<number> {
  const address = serveMeters(t, await tcpSlavePort('127.0.0.1', 0), framing, meters);
  return Number(address.split(':')[1]);
}

function serveMeters(t: ExecutionContext, port: SlavePort, framing: 'rtu' | 'tcp', meters: readonly PtyMeterOptions[]): string {
  t.teardown(() => port.close());
  const replies = meters.map(({ profile = 'eastron-sdm630', unit = 1, facts = {}, faults = {} }) => {
    const of = typeof profile === 'string' ? shippedProfile(profile) : profile;
    const meter = new SimulatedMeter({ profile: of, unit, seed: unit, facts, wallMs: () => EVENING_MS });
    return faultyMeter((request) => meter.answer(request), faults);
  });
  const reply = (request: Uint8Array) =>
    replies.map((one) => one(request)).find(({ frame }) => frame !== undefined) ?? { frame: undefined, afterMs: 0 };
  serveSlave({ port, framing, timers: systemTimers, reply });
  return port.address;
}
