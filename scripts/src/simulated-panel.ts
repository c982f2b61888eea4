import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { systemClock } from '@farola/shared';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { SHIPPED_PROFILES, readProfiles } from '@farola/agent/meter/profile/profile-file.js';
import { SimulatedAnalyser } from '@farola/agent/meter/tool/simulate/simulated-analyser.js';
import type { Circuit } from '@farola/agent/meter/tool/simulate/simulated-load.js';
import { encodeFacts, encodeRegisters } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import type { Registers } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import { answerRequest, takeRequests } from '@farola/agent/meter/tool/simulate/simulated-slave.js';

/** How a panel is simulated. */
export interface SimulatedPanelOptions {
  /** TCP port; 0 chooses a free one. */
  readonly port?: number;
  /** Address to listen at; default 127.0.0.1. */
  readonly host?: string;
  /** Panels of one seed are alike at the same time; default 1. */
  readonly seed?: number;
  /** Simulated milliseconds per millisecond; default 1. Counters count by the time of this machine. */
  readonly speed?: number;
  /** Simulated time at the start, ms since 1970 UTC; default the time of this machine. */
  readonly startsAtMs?: number;
  /** The time of this machine, ms since 1970 UTC. */
  readonly nowMs?: () => number;
}

/** A simulated panel that answers on a TCP port. */
export interface SimulatedPanel {
  readonly host: string;
  readonly port: number;
  /** Makes an analyser dead, or alive again. */
  setSilent(unit: number, silent: boolean): void;
  close(): Promise<void>;
}

/** One analyser on the panel's line. */
interface Unit {
  readonly profile: Profile;
  readonly analyser: SimulatedAnalyser;
  readonly facts: Registers;
}

/** Units on the line, their models, and the circuits that they measure. */
const UNITS: readonly SimulatedUnit[] = [
  {
    unit: 1,
    profile: 'circutor-cvm-c10',
    circuit: { lampWatts: [1_840, 1_750, 1_910], standbyWatts: 18 },
    facts: { vtPrimary: 1, vtSecondary: 1, ctPrimary: 100, ctSecondary: 5 },
  },
  { unit: 2, profile: 'eastron-sdm630', circuit: { lampWatts: [920, 1_030, 870], standbyWatts: 9 }, facts: {} },
];

interface SimulatedUnit {
  readonly unit: number;
  readonly profile: string;
  readonly circuit: Circuit;
  /** What it is and how it is set. */
  readonly facts: Readonly<Record<string, number | string>>;
}

/**
 * Starts a panel whose line is reached as RTU over TCP: unit 1 is a Circutor CVM-C10, unit 2 an Eastron SDM630, each on
 * a lighting circuit of its own with the load of a November night.
 */
export async function startSimulatedPanel(options: SimulatedPanelOptions = {}): Promise<SimulatedPanel> {
  const { port = 0, host = '127.0.0.1', seed = 1, speed = 1 } = options;
  const clock = systemClock();
  const nowMs = options.nowMs ?? ((): number => clock.now().wallMs);
  const startedMs = nowMs();
  const startsAtMs = options.startsAtMs ?? startedMs;
  const simulatedMs = (): number => startsAtMs + (nowMs() - startedMs) * speed;
  const units = await unitsOf(seed, startsAtMs, speed);
  const silent = new Set<number>();
  const sockets = new Set<Socket>();

  const registersOf = (unit: number): [Profile, Registers, Registers] | undefined => {
    const found = silent.has(unit) ? undefined : units.get(unit);
    if (!found) return undefined;
    const values: Readonly<Record<string, number>> = found.analyser.valuesAt(simulatedMs());
    return [found.profile, encodeRegisters(found.profile, (quantity) => values[quantity]), found.facts];
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.once('error', () => socket.destroy());
    let waiting: Uint8Array = new Uint8Array();
    socket.on('data', (bytes) => {
      const taken = takeRequests(Buffer.concat([waiting, bytes]));
      waiting = taken.rest;
      for (const request of taken.requests) {
        const answer = answerRequest(request, registersOf);
        if (answer) socket.write(answer);
      }
    });
  });
  return {
    host,
    port: await listen(server, port, host),
    setSilent: (unit, isSilent) => {
      if (isSilent) silent.add(unit);
      else silent.delete(unit);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function unitsOf(seed: number, startsAtMs: number, speed: number): Promise<Map<number, Unit>> {
  const { profiles, problems } = await readProfiles([SHIPPED_PROFILES]);
  if (problems[0]) throw problems[0];
  return new Map(
    UNITS.map(({ unit, profile: id, circuit, facts }) => {
      const loaded = profiles.get(id);
      if (!loaded) throw new RangeError(`no profile ${id} is shipped`);
      const analyser = new SimulatedAnalyser(circuit, seed * 10 + unit, startsAtMs, speed);
      return [unit, { profile: loaded.profile, analyser, facts: encodeFacts(loaded.profile, facts) }];
    }),
  );
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
    });
  });
}
