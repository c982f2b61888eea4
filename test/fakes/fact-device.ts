import { FarolaError } from '@farola/shared';
import type { Cbor } from '@farola/shared';
import type { AnalyserConfig } from '@farola/agent/config/config-schema.js';
import { DeviceCheck } from '@farola/agent/meter/identity/device-check.js';
import { devicesInMemory } from '@farola/agent/meter/identity/known-devices.js';
import type { KnownDevices } from '@farola/agent/meter/identity/known-devices.js';
import type { RegisterClient, RegisterQuestion } from '@farola/agent/meter/line/register-client.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { encodeFacts } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import { FakeTime } from './fake-time.js';

/** What a device holds, by the names of facts and settings. */
export type DeviceFacts = Readonly<Record<string, number | string>>;

/** A device that a test exchanges, unplugs and sets otherwise. It answers exception 2 where it holds nothing. */
export class FactDevice implements RegisterClient {
  readonly asked: RegisterQuestion[] = [];
  owed: ReadonlySet<number> = new Set();
  /** Exception that it answers to everything; 0 for none. */
  exception = 0;
  isSilent = false;
  /** Called before each answer. */
  onAsk: (question: RegisterQuestion) => void = () => undefined;
  #registers: ReadonlyMap<number, number> = new Map();
  #functionCode = 3;

  /** Puts a device of this model in its place. */
  become({ profile, facts }: { profile: Profile; facts: DeviceFacts }): this {
    this.#registers = encodeFacts(profile, facts);
    this.#functionCode = profile.functionCode;
    return this;
  }

  owedCounts(): ReadonlySet<number> {
    return this.owed;
  }

  async read(question: RegisterQuestion): Promise<Uint8Array> {
    this.asked.push(question);
    this.onAsk(question);
    const { analyser, unit, functionCode, address, count } = question;
    if (this.isSilent) throw new FarolaError('meter-timeout', { analyser, unit, timeoutMs: 1_000 });
    const places = Array.from({ length: count }, (_, index) => address + index);
    const words = places.map((place) => this.#registers.get(place));
    const missing = words.includes(undefined) ? 2 : 0;
    const exception = this.exception || (functionCode === this.#functionCode ? missing : 1);
    if (exception > 0) throw new FarolaError('meter-exception', { analyser, unit, exception });
    return Uint8Array.from(words.flatMap((word = 0) => [word >> 8, word & 0xff]));
  }
}

/** What a check of a test begins with. */
export interface CheckScene {
  readonly profile: Profile;
  readonly analyser?: Partial<AnalyserConfig>;
  readonly analysers?: readonly AnalyserConfig[];
  readonly known?: KnownDevices;
  readonly recognisable?: readonly Profile[];
}

/** A check of one device, and all that it tells. */
export function checkOf(device: FactDevice, { profile, analyser, analysers = [], known, recognisable = [] }: CheckScene) {
  const time = new FakeTime();
  const events: [string, ...Cbor[]][] = [];
  const warnings: string[] = [];
  const line = { openings: 1, epoch: 'one' };
  const memory = known ?? devicesInMemory();
  const supply = { volts: 230, hertz: 50, phases: 3 } as const;
  const config: AnalyserConfig = { id: 'mains', line: 'main', unit: 1, profile: profile.id, supply, ...analyser };
  const check = new DeviceCheck({
    analyser: config,
    analysers: [config, ...analysers],
    profile,
    client: device,
    clock: time,
    path: '/dev/x',
    openings: () => line.openings,
    recognisable: async () => recognisable,
    world: {
      known: memory,
      onEvent: (code, facts) => void events.push([code, ...facts]),
      log: { info: () => undefined, warn: (code) => void warnings.push(code) },
      epoch: () => line.epoch,
    },
  });
  /** Ensures, and looks when that went well, as a reading does; the code of the failure. */
  const pass = async (): Promise<FarolaError | undefined> => {
    const failure = await check.ensure();
    if (!failure) await check.look();
    return failure;
  };
  return { check, time, events, warnings, line, known: memory, pass, asked: device.asked };
}
