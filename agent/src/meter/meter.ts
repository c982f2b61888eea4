import { FarolaError } from '@farola/shared';
import type { AnalyserRow, Clock, Timers } from '@farola/shared';
import type { AgentConfig, AnalyserConfig, LineConfig } from '../config/config-schema.js';
import { analyserReader } from './analyser-reader.js';
import { Breaker } from './breaker.js';
import { guardedReader } from './guarded-reader.js';
import { DeviceCheck } from './identity/device-check.js';
import type { DeviceState } from './identity/device-check.js';
import { noDeviceWorld } from './identity/device-world.js';
import type { DeviceWorld } from './identity/device-world.js';
import { identifiedReader } from './identity/identified-reader.js';
import type { ByteTransport } from './line/byte-transport.js';
import { LineArbiter } from './line/line-arbiter.js';
import type { LineCounters, UnitCounters } from './line/line-counters.js';
import { timingOf, unitTimingOf } from './line/line-timing.js';
import { quantityIds } from './profile/profile.js';
import type { Profile } from './profile/profile.js';
import { readProfiles, SHIPPED_PROFILES } from './profile/profile-file.js';
import type { LoadedProfile, Profiles } from './profile/profile-file.js';
import { costOfLine } from './plan/line-cost.js';
import type { AnalyserReader } from './reading.js';
import type { RegisterClient } from './line/register-client.js';

/** All lines and analysers of an LCU. */
export interface Meter {
  /** The analyser table of the journal; `index` is the place in the configuration. */
  readonly analysers: readonly AnalyserRow[];
  /** By the index of the analyser. */
  readonly readers: readonly AnalyserReader[];
  /** Readers by line, as the sampler wants them. */
  readonly readersByLine: readonly (readonly { readonly index: number; readonly reader: AnalyserReader }[])[];
  /** What is at the place of each analyser, by the index of the analyser. */
  readonly devices: readonly { readonly state: DeviceState }[];
  /** What happened on each line. */
  readonly lines: readonly MeterLine[];
  /** Releases all lines. */
  close(): Promise<void>;
}

/** What happened on one line, and to the units on it that were asked. */
export interface MeterLine {
  readonly id: string;
  readonly counters: Readonly<LineCounters>;
  readonly units: ReadonlyMap<number, { readonly counters: Readonly<UnitCounters> }>;
}

/** The world that a meter works in; `lineAdapters` gives the last four. */
export interface MeterDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transportOf: (line: LineConfig) => ByteTransport;
  readonly clientOf: (line: LineArbiter) => RegisterClient;
  /** A monotonic clock in ms, with fractions: the silence between two frames is shorter than two of them. */
  readonly nowMs: () => number;
  /** Numbers from 0 up to 1, for what shall not happen at the same time everywhere. */
  readonly random: () => number;
  /** Whom the identity of devices is told; nobody when it is left out. */
  readonly devices?: DeviceWorld;
}

/**
 * Builds the lines and readers of a configuration. No port is opened before the first question, and a port that is not
 * there is tried again at later questions.
 * @throws FarolaError `config-invalid` when a profile is missing, which `loadAgentConfig` rules out
 */
export function openMeter(config: AgentConfig, profiles: Profiles, deps: MeterDeps): Meter {
  const analysers = config.analysers.map((analyser, index) =>
    describe(analyser, index, profileOf(analyser, profiles), config.sampleSeconds),
  );
  const lines = config.lines.map((line) => {
    const onLine = config.analysers.filter((analyser) => analyser.line === line.id);
    const transport = deps.transportOf(line);
    const arbiter = arbiterOf(line, transport, onLine, profiles, deps);
    return { id: line.id, config: line, path: transport.address, arbiter };
  });
  const devices: DeviceCheck[] = [];
  const readers = config.analysers.map((analyser) => {
    const line = lines.find(({ id }) => id === analyser.line);
    if (!line) throw new RangeError(`analyser ${analyser.id} is on no line`);
    const { id, unit } = analyser;
    const { profile } = profileOf(analyser, profiles);
    const { clock, nowMs, random } = deps;
    const cost = costOfLine(line.config, profile);
    const client = deps.clientOf(line.arbiter);
    const device = new DeviceCheck({
      analyser,
      analysers: config.analysers,
      profile,
      client,
      clock,
      path: line.path,
      openings: () => line.arbiter.counters.opened,
      recognisable: shippedProfiles,
      world: deps.devices ?? noDeviceWorld(),
    });
    devices.push(device);
    const reader = identifiedReader({ reader: analyserReader({ id, unit, profile, client, clock, cost }), device, clock });
    return guardedReader({ id, unit, reader, breaker: new Breaker({ nowMs, random }), clock });
  });
  return {
    analysers,
    readers,
    devices,
    readersByLine: lines.map(({ id }) =>
      readers.flatMap((reader, index) => (analysers[index]?.line === id ? [{ index, reader }] : [])),
    ),
    lines: lines.map(({ id, arbiter }) => ({ id, counters: arbiter.counters, units: arbiter.units })),
    close: async () => {
      await Promise.all(lines.map(({ arbiter }) => arbiter.close()));
    },
  };
}

/** Read when a device is to be recognised, and let go then. */
async function shippedProfiles(): Promise<Profile[]> {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  return [...profiles.values()].map(({ profile }) => profile);
}

function arbiterOf(
  line: LineConfig,
  transport: ByteTransport,
  onLine: AnalyserConfig[],
  profiles: Profiles,
  deps: MeterDeps,
): LineArbiter {
  return new LineArbiter({
    line: line.id,
    transport,
    nowMs: deps.nowMs,
    timers: deps.timers,
    timing: timingOf(line),
    units: new Map(onLine.map((analyser) => [analyser.unit, unitTimingOf(line, profileOf(analyser, profiles).profile)])),
  });
}

function describe(
  analyser: AnalyserConfig,
  index: number,
  { profile, hash, origin }: LoadedProfile,
  periodS: number,
): AnalyserRow {
  const { id, line, unit, serialNumber, ctRatio, vtRatio } = analyser;
  return {
    index,
    id,
    line,
    unit,
    profileId: profile.id,
    profileHash: hash,
    profileOrigin: origin,
    serialNumber: serialNumber ?? null,
    ctRatio: ctRatio ? [ctRatio.primary, ctRatio.secondary] : null,
    vtRatio: vtRatio ? [vtRatio.primary, vtRatio.secondary] : null,
    quantities: quantityIds(profile),
    periodS,
  };
}

function profileOf(analyser: AnalyserConfig, profiles: Profiles): LoadedProfile {
  const loaded = profiles.get(analyser.profile);
  if (loaded) return loaded;
  const problems = `  there is no profile \`${analyser.profile}\``;
  throw new FarolaError('config-invalid', { path: `analyser ${analyser.id}`, count: 1, problems });
}
