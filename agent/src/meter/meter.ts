import type { AnalyserRow, Clock, Timers } from '@farola/shared';
import type { AgentConfig, AnalyserConfig, LineConfig } from '../config/config-schema.js';
import { analyserReader } from './analyser-reader.js';
import { analyserRows, profileOf } from './analyser-rows.js';
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
import type { Profile } from './profile/profile.js';
import type { Profiles } from './profile/profile-file.js';
import { costOfLine, learnsAnswers, requestMs } from './plan/line-cost.js';
import { PlanBasis } from './plan/plan-basis.js';
import type { AnalyserReader } from './reading.js';
import type { RegisterClient } from './line/register-client.js';
import type { SampledRow } from './sampled-line.js';
import { WakeUp } from './wake-up.js';

/** All lines and analysers of an LCU. */
export interface Meter {
  /** The analyser table of the journal: a row for each scan group of each analyser, by its index. */
  readonly analysers: readonly AnalyserRow[];
  /** By the index of the row. */
  readonly readers: readonly AnalyserReader[];
  /** The same by line, in the order of `lines`, as the sampler wants them. */
  readonly readersByLine: readonly (readonly SampledRow[])[];
  /** What is at the place of each analyser, by its place in the configuration. */
  readonly devices: readonly { readonly state: DeviceState }[];
  /** What the requests to each analyser are planned by, by its id. */
  readonly plans: ReadonlyMap<string, Pick<PlanBasis, 'learnedMs' | 'memory'>>;
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

/** The world that a meter works in; `lineAdapters` gives what reaches its lines. */
export interface MeterDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transportOf: (line: LineConfig) => ByteTransport;
  readonly clientOf: (line: LineArbiter) => RegisterClient;
  /** A monotonic clock in ms, with fractions: the silence between two frames is shorter than two of them. */
  readonly nowMs: () => number;
  /** Numbers from 0 up to 1, for what shall not happen at the same time everywhere. */
  readonly random: () => number;
  /** All profiles that a device may be recognised by; asked for when one is refused, and let go then. */
  readonly recognisable: () => Promise<Iterable<Profile>>;
  /** Whom the identity of devices is told; nobody when it is left out. */
  readonly devices?: DeviceWorld;
}

/**
 * Builds the lines and readers of a configuration. No port is opened before the first question, and a port that is not
 * there is tried again at later questions.
 * @throws FarolaError `config-invalid` when a profile is missing, which `loadAgentConfig` rules out
 */
export function openMeter(config: AgentConfig, profiles: Profiles, deps: MeterDeps): Meter {
  const planned = analyserRows(config, profiles);
  const lines = config.lines.map((line) => {
    const onLine = config.analysers.filter((analyser) => analyser.line === line.id);
    const transport = deps.transportOf(line);
    const arbiter = arbiterOf(line, transport, onLine, profiles, deps);
    return { config: line, path: transport.address, arbiter, client: deps.clientOf(arbiter) };
  });
  const lineOf = ({ id, line }: { readonly id: string; readonly line: string }): (typeof lines)[number] => {
    const found = lines.find(({ config: { id: of } }) => of === line);
    if (!found) throw new RangeError(`analyser ${id} is on no line`);
    return found;
  };
  const { clock, nowMs, random } = deps;
  // A device is silent, or another one, for all of its groups: one of them asks.
  const shared = new Map(
    config.analysers.map((analyser) => {
      const { profile } = profileOf(analyser, profiles);
      const { client, path, arbiter } = lineOf(analyser);
      const openings = (): number => arbiter.counters.opened;
      const world = deps.devices ?? noDeviceWorld();
      const known = { analyser, analysers: config.analysers, profile, client, clock, path, openings, world };
      const device = new DeviceCheck({ ...known, recognisable: deps.recognisable });
      const breaker = new Breaker({ nowMs, random });
      const wakeUp = wakeUpOf(analyser, profile, lineOf(analyser), breaker);
      const basis = basisOf(analyser, profile, lineOf(analyser));
      return [analyser.id, { device, breaker, wakeUp, basis, contact: { answered: false } }];
    }),
  );
  const sampled = planned.map(({ row, group, loaded: { profile } }): SampledRow & { readonly line: string } => {
    const { index, id, unit, line, periodS } = row;
    const { client } = lineOf(row);
    const of = shared.get(id);
    if (!of) throw new RangeError(`analyser ${id} is not configured`);
    const read = analyserReader({ id, unit, profile, rows: group.rows, client, clock, basis: of.basis, contact: of.contact });
    const reader = identifiedReader({ reader: read, device: of.device, clock });
    return { index, periodS, line, reader: guardedReader({ id, unit, reader, clock, breaker: of.breaker, wakeUp: of.wakeUp }) };
  });
  return {
    analysers: planned.map(({ row }) => row),
    readers: sampled.map(({ reader }) => reader),
    readersByLine: lines.map((line) => sampled.filter((one) => one.line === line.config.id)),
    devices: [...shared.values()].map(({ device }) => device),
    plans: new Map([...shared].map(([id, { basis }]) => [id, basis])),
    lines: lines.map(({ config: { id }, arbiter }) => ({ id, counters: arbiter.counters, units: arbiter.units })),
    close: async () => {
      await Promise.all(lines.map(({ arbiter }) => arbiter.close()));
    },
  };
}

/** What a question and its answer take on the line beside the wait for it: as many registers as a row has at the most, and silence. */
const WAKING_REGISTERS = 4;
const WAKING_SILENCE_MS = 100;

function wakeUpOf(
  { id, unit }: AnalyserConfig,
  profile: Profile,
  { config, client }: { readonly config: LineConfig; readonly client: RegisterClient },
  breaker: Breaker,
): WakeUp | undefined {
  if (!profile.wakeUp) return undefined;
  const mostMs = config.timeoutMs + requestMs(WAKING_REGISTERS, costOfLine(config, profile)) + WAKING_SILENCE_MS;
  return new WakeUp({ id, unit, profile, client, mostMs, onAwake: () => breaker.answered() });
}

function basisOf(
  { unit }: AnalyserConfig,
  profile: Profile,
  { config, arbiter }: { readonly config: LineConfig; readonly arbiter: LineArbiter },
): PlanBasis {
  return new PlanBasis({
    costOf: (learnedMs) => costOfLine(config, profile, learnedMs),
    learnedMs: () => (learnsAnswers(config) ? arbiter.units.get(unit)?.usualAnswerMs : undefined),
  });
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
