import type { Socket } from 'node:net';
import { pause, systemTimers } from '@farola/shared';
import { dialTcp, dialTls, dialWs, eventOrClose, flood, OPCODE, type Target, UPGRADE, wsFrame } from './hostile-client.js';

/** Attackers at once. */
const ATTACKERS = 40;
/** How long a connection that says nothing is held, ms. */
const HOLD_MS = 1000;
const HALF_CLIENT_HELLO = Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), Buffer.alloc(100)]);

/** One attempt: dials, does harm, and is gone. */
type Attack = (target: Target) => Promise<unknown>;

/** Writes these bytes without end on a connection that was upgraded. */
function flooding(bytes: Uint8Array, first: Uint8Array = new Uint8Array(0)): Attack {
  return async (target) => {
    const socket = await dialWs(target);
    socket.resume();
    socket.write(first);
    await flood(socket, bytes);
  };
}

/** Holds a connection open, reading nothing, until the collector ends it, or for some time. */
function holding(dial: (target: Target) => Promise<Socket>, say: Uint8Array = new Uint8Array(0)): Attack {
  return async (target) => {
    const socket = await dial(target);
    socket.write(say);
    await Promise.race([eventOrClose(socket, 'end'), pause(systemTimers, HOLD_MS)]);
    socket.destroy();
  };
}

const fragment = (bytes: number, opcode: number = OPCODE.continuation): Buffer =>
  wsFrame(opcode, new Uint8Array(bytes), { fin: false });

const BY_NAME = {
  'connections that are dropped at once': async (target) => (await dialTcp(target)).destroy(),
  'TLS handshakes that lead nowhere': async (target) => (await dialTls(target)).destroy(),
  'half a TLS hello': holding(dialTcp, HALF_CLIENT_HELLO),
  'half an upgrade': holding(dialTls, Buffer.from(UPGRADE.slice(0, 60))),
  'no answer to the hello': holding(dialWs),
  'plain requests': flooding(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  'empty fragments': flooding(fragment(0), fragment(0, OPCODE.binary)),
  'fragments of a large message': flooding(fragment(4000), fragment(4000, OPCODE.binary)),
  'a frame of 100 MB': flooding(new Uint8Array(16_384), wsFrame(OPCODE.binary, new Uint8Array(0), { length: 100_000_000 })),
  'half a frame': holding(dialWs, wsFrame(OPCODE.binary, new Uint8Array(30_000), { length: 200_000 })),
  'pings': flooding(wsFrame(OPCODE.ping, new Uint8Array(125))),
  'text': flooding(wsFrame(OPCODE.text, new Uint8Array(100))),
  'frames that are no messages': flooding(wsFrame(OPCODE.binary, new Uint8Array(300).fill(0x84))),
  'noise': flooding(new Uint8Array(1000).fill(0xff)),
} satisfies Record<string, Attack>;

/** Name of an attack. */
export type AttackName = keyof typeof BY_NAME;

/** Names of all attacks by strangers. */
export const ATTACKS: readonly AttackName[] = Object.keys(BY_NAME) as AttackName[];

/** Attacks for so long with many attackers at once; gives how many connections were dialled. */
export async function attack(name: AttackName, target: Target, ms: number): Promise<number> {
  const endsMs = performance.now() + ms;
  const one: Attack = BY_NAME[name];
  let attempts = 0;
  const attacker = async (): Promise<void> => {
    while (performance.now() < endsMs) {
      attempts++;
      await one(target);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: ATTACKERS }, attacker));
  return attempts;
}
