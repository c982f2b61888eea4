import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { cutAdus, encodeAdu } from '@farola/agent/meter/line/mbap.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import type { ExecutionContext } from 'ava';
import { encodeFacts, encodeRegisters } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import type { Registers } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import { answerRequest, takeRequests } from '@farola/agent/meter/tool/simulate/simulated-slave.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

/** A device as a test puts it into a panel. */
export interface PlacedDevice {
  /** Id of a shipped profile. */
  readonly profile: string;
  readonly facts?: Readonly<Record<string, number | string>>;
  /** What every quantity shows, in its unit; 1 when it is not told. */
  readonly shows?: number;
}

/** A panel whose devices are exchanged, and whose connections are cut. */
export interface ReplaceablePanel {
  readonly port: number;
  /** Puts a device at a unit; none takes it away. */
  place(unit: number, device: PlacedDevice | undefined): void;
  /** Cuts every connection, as a gateway does that restarts. */
  cut(): void;
}

/** Starts a panel that answers RTU over TCP, or Modbus TCP. */
export async function startReplaceablePanel(t: ExecutionContext, framing: 'rtu' | 'tcp' = 'rtu'): Promise<ReplaceablePanel> {
  const units = new Map<number, [Profile, Registers, Registers]>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let waiting: Uint8Array = new Uint8Array();
    socket.on('data', (bytes) => {
      const all = Buffer.concat([waiting, bytes]);
      if (framing === 'rtu') {
        const taken = takeRequests(all);
        waiting = taken.rest;
        for (const request of taken.requests) {
          const answer = answerRequest(request, (unit) => units.get(unit));
          if (answer) socket.write(answer);
        }
        return;
      }
      const { adus, rest } = cutAdus(all);
      waiting = rest;
      for (const { transaction, rtuFrame } of adus) {
        const answer = answerRequest(rtuFrame, (unit) => units.get(unit));
        if (answer) socket.write(encodeAdu({ transaction, rtuFrame: answer }));
      }
    });
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    place(unit, device) {
      const profile = device && profiles.get(device.profile)?.profile;
      if (!device || !profile) units.delete(unit);
      else
        units.set(unit, [profile, encodeRegisters(profile, () => device.shows ?? 1), encodeFacts(profile, device.facts ?? {})]);
    },
    cut,
  };
}
