import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { STRANGER_LIMITS } from '@farola/collector/link/admission.js';
import type { Channel } from '@farola/collector/link/channel.js';
import { listenWs, type WsListenOptions } from '@farola/collector/link/ws-listener.js';
import { LIMITS, pause, systemTimers } from '@farola/shared';
import {
  dialTcp,
  dialTls,
  dialWs,
  eventOrClose,
  flood,
  OPCODE,
  type Target,
  UPGRADE,
  wsFrame,
} from '../../fakes/hostile-client.js';
import { heldTooMuch, sendUntilCut } from '../../fakes/slow-reader.js';
import { testAuthority } from '../../fakes/test-authority.js';

const STRANGER_MS = 600;
const HANDSHAKE_MS = 600;
/** How long a busy machine may take over what is due at once, ms. */
const SLACK_MS = 5000;
const { server: tls } = await testAuthority();

/** A listener, the codes that it told, the messages and channels that came. */
async function listening(
  t: ExecutionContext,
  options: Partial<WsListenOptions> = {},
  onLcu: (channel: Channel) => void = (channel) => channel.proven(),
) {
  const refused: string[] = [];
  const messages: number[] = [];
  const channels: Channel[] = [];
  const receivers = {
    lcu(channel: Channel) {
      channels.push(channel);
      channel.onMessage((message) => messages.push(message.length));
      onLcu(channel);
    },
    enrol: () => undefined,
    refused: ({ code }: { code: string }) => refused.push(code),
    failed: (error: unknown) => t.fail(String(error)),
  };
  const listener = await listenWs({ host: '127.0.0.1', port: 0, tls, ...options }, receivers);
  t.teardown(() => listener.close());
  const target: Target = { port: listener.port };
  return { target, refused, messages, channels };
}

async function ended(t: ExecutionContext, socket: Socket): Promise<number> {
  const began = performance.now();
  socket.resume();
  await Promise.race([eventOrClose(socket, 'close'), pause(systemTimers, STRANGER_MS + SLACK_MS)]);
  t.true(socket.destroyed, 'the connection is still open');
  return performance.now() - began;
}

/** Writes a byte every tenth of a second. */
async function trickle(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Uint8Array.of(byte));
    await pause(systemTimers, 100);
  }
}

/** The beginning of a TLS 1.3 ClientHello of 512 bytes. */
const HALF_CLIENT_HELLO = Buffer.concat([Buffer.from('16030102000100 01fc0303'.replace(/ /g, ''), 'hex'), Buffer.alloc(100)]);

const STALLS: readonly (readonly [string, (target: Target) => Promise<Socket>])[] = [
  ['says nothing after the TCP handshake', dialTcp],
  [
    'stops within its TLS hello',
    async (target) => {
      const socket = await dialTcp(target);
      socket.write(HALF_CLIENT_HELLO);
      return socket;
    },
  ],
  [
    'trickles its TLS hello',
    async (target) => {
      const socket = await dialTcp(target);
      void trickle(socket, HALF_CLIENT_HELLO);
      return socket;
    },
  ],
  ['says nothing after the TLS handshake', dialTls],
  [
    'trickles its upgrade',
    async (target) => {
      const socket = await dialTls(target);
      void trickle(socket, Buffer.from(UPGRADE));
      return socket;
    },
  ],
  [
    'sends a request and trickles its body',
    async (target) => {
      const socket = await dialTls(target);
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
      void trickle(socket, Buffer.alloc(100));
      return socket;
    },
  ],
  ['does not answer the hello', dialWs],
  [
    'trickles its answer to the hello',
    async (target) => {
      const socket = await dialWs(target);
      void trickle(socket, wsFrame(OPCODE.binary, new Uint8Array(200)));
      return socket;
    },
  ],
  [
    'pings instead of answering the hello',
    async (target) => {
      const socket = await dialWs(target);
      void trickle(socket, wsFrame(OPCODE.ping, new Uint8Array(0)));
      return socket;
    },
  ],
];

for (const [what, dial] of STALLS) {
  test(`H76: ends a connection that ${what}`, async (t) => {
    const { target } = await listening(t, { strangerMs: STRANGER_MS }, () => undefined);
    await ended(t, await dial(target));
  });
}

for (const [what, dial] of STALLS.slice(
  0,
  STALLS.findIndex(([, one]) => one === dialWs),
)) {
  test(`H76: ends a connection that ${what} by the time of the handshake alone`, async (t) => {
    const { target } = await listening(t, { strangerMs: 60_000, handshakeMs: HANDSHAKE_MS }, () => undefined);
    await ended(t, await dial(target));
  });
}

test('H76: ends a connection whose upgrade has 2000 headers, and lets the next one in', async (t) => {
  const { target, channels } = await listening(t);
  const socket = await dialTls(target);
  const headers = Array.from({ length: 2000 }, (_, i) => `X${i}: 1\r\n`).join('');
  socket.write(UPGRADE.replace('\r\n\r\n', `\r\n${headers}\r\n`));
  await ended(t, socket);
  t.is(channels.length, 0);
  await dialWs(target);
  t.is(channels.length, 1);
});

test('H76: ends a connection that stops in the middle of a frame', async (t) => {
  const { target, messages } = await listening(t, { strangerMs: STRANGER_MS }, () => undefined);
  const socket = await dialWs(target);
  socket.write(wsFrame(OPCODE.binary, new Uint8Array(100), { length: 200 }));
  await ended(t, socket);
  t.deepEqual(messages, []);
});

test('a connection that has proven who it is may stay silent', async (t) => {
  // Long enough for a busy machine to get through the handshake before it is over.
  const strangerMs = STRANGER_MS + SLACK_MS;
  const { target, refused } = await listening(t, { strangerMs });
  const socket = await dialWs(target);
  await pause(systemTimers, strangerMs + STRANGER_MS);
  t.false(socket.destroyed);
  t.deepEqual(refused, []);
  socket.destroy();
});

test('tells who did not prove itself in time', async (t) => {
  const { target, refused } = await listening(t, { strangerMs: STRANGER_MS }, () => undefined);
  await ended(t, await dialWs(target));
  t.deepEqual(refused, ['stranger-late']);
});

test('turns strangers of one address away beyond its bound, and lets another address in', async (t) => {
  const limits = { ...STRANGER_LIMITS, mostPerAddress: 5 };
  const { target, refused, channels } = await listening(t, { limits }, () => undefined);
  const first = await Promise.all(Array.from({ length: 5 }, () => dialTcp(target)));
  await ended(t, await dialTcp(target));
  t.deepEqual(refused, ['strangers-full']);
  await dialWs({ ...target, from: '127.0.0.2' });
  t.is(channels.length, 1);
  for (const socket of first) socket.destroy();
  for (let i = 0; i < 100 && channels.length < 2; i++) {
    await pause(systemTimers, 50);
    await dialWs(target);
  }
  t.is(channels.length, 2, 'room again, since they are gone');
});

test('connections that have proven who they are do not count, however many share an address', async (t) => {
  const limits = { ...STRANGER_LIMITS, most: 3, mostPerAddress: 2 };
  const { target, channels } = await listening(t, { limits: { ...limits, perSecond: 1000, perSecondPerAddress: 1000 } });
  for (let i = 0; i < 20; i++) await dialWs(target);
  t.is(channels.length, 20);
});

test('turns connections away that come faster than the bound', async (t) => {
  const limits = { ...STRANGER_LIMITS, mostPerAddress: 3, perSecondPerAddress: 0.001 };
  const { target, refused } = await listening(t, { limits });
  for (let i = 0; i < 3; i++) (await dialTcp(target)).destroy();
  // At first they may still count as there, which is another bound.
  for (let i = 0; i < 100 && !refused.includes('strangers-too-fast'); i++) {
    await pause(systemTimers, 50);
    await ended(t, await dialTcp(target));
  }
  t.true(refused.includes('strangers-too-fast'));
});

const FLOODS: readonly (readonly [string, string, (socket: Socket) => Promise<number>])[] = [
  [
    'fragments without end',
    'frame-fragmented',
    (socket) => {
      socket.write(wsFrame(OPCODE.binary, new Uint8Array(1), { fin: false }));
      return flood(socket, wsFrame(OPCODE.continuation, new Uint8Array(1), { fin: false }));
    },
  ],
  [
    'empty fragments without end',
    'frame-fragmented',
    (socket) => {
      socket.write(wsFrame(OPCODE.binary, new Uint8Array(0), { fin: false }));
      return flood(socket, wsFrame(OPCODE.continuation, new Uint8Array(0), { fin: false }));
    },
  ],
  ['pings without end', 'control-flood', (socket) => flood(socket, wsFrame(OPCODE.ping, new Uint8Array(125)))],
  ['pongs without end', 'control-flood', (socket) => flood(socket, wsFrame(OPCODE.pong, new Uint8Array(125)))],
  [
    'a frame that is announced with 2^53 bytes',
    'frame-too-large',
    (socket) => {
      socket.write(wsFrame(OPCODE.binary, new Uint8Array(100), { length: 2 ** 53 - 1 }));
      return flood(socket, new Uint8Array(16_384));
    },
  ],
  [
    'fragments that are larger together than a frame may be',
    'frame-too-large',
    (socket) => {
      socket.write(wsFrame(OPCODE.binary, new Uint8Array(50_000), { fin: false }));
      return flood(socket, wsFrame(OPCODE.continuation, new Uint8Array(50_000), { fin: false }));
    },
  ],
  [
    'a compressed frame, which was not negotiated',
    'frame-malformed',
    (socket) => {
      const frame = wsFrame(OPCODE.binary, new Uint8Array(100));
      frame[0] = (frame[0] as number) | 0x40;
      return flood(socket, frame);
    },
  ],
  ['bytes that are no frame', 'frame-malformed', (socket) => flood(socket, new Uint8Array(1000).fill(0xff))],
];

for (const [what, code, attack] of FLOODS) {
  test(`ends a connection that sends ${what}`, async (t) => {
    const { target, refused, messages } = await listening(t);
    const socket = await dialWs(target);
    await attack(socket);
    await ended(t, socket);
    t.is(refused[0], code);
    t.deepEqual(messages, []);
  });
}

test('H76: ends a connection that trickles a frame in more pieces than a network makes', async (t) => {
  const { target, refused } = await listening(t);
  const socket = await dialWs(target);
  socket.setNoDelay(true);
  socket.write(wsFrame(OPCODE.binary, new Uint8Array(0), { length: 200_000 }));
  for (let i = 0; i < 3000 && !socket.destroyed; i++) {
    socket.write(new Uint8Array(1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended(t, socket);
  t.deepEqual(refused, ['frame-fragmented']);
});

test('takes a message of the largest size, in one frame and in 64 fragments', async (t) => {
  const { target, messages } = await listening(t);
  const socket = await dialWs(target);
  socket.write(wsFrame(OPCODE.binary, new Uint8Array(LIMITS.frameBytes)));
  const part = new Uint8Array(LIMITS.frameBytes / 64);
  for (let i = 0; i < 64; i++) socket.write(wsFrame(i === 0 ? OPCODE.binary : OPCODE.continuation, part, { fin: i === 63 }));
  for (let i = 0; i < 100 && messages.length < 2; i++) await pause(systemTimers, 50);
  t.deepEqual(messages, [LIMITS.frameBytes, LIMITS.frameBytes]);
  socket.destroy();
});

test('a stranger may send no more than a signed message, a proven LCU may', async (t) => {
  const { target, refused, messages } = await listening(t, {}, () => undefined);
  const socket = await dialWs(target);
  await flood(socket, wsFrame(OPCODE.binary, new Uint8Array(60_000)), 100);
  await ended(t, socket);
  t.is(refused[0], 'frame-too-large');
  t.deepEqual(messages, []);
});

test('H80: cuts a reader off that does not read', async (t) => {
  const { target, refused, channels } = await listening(t);
  const socket = await dialWs(target);
  socket.pause();
  const channel = channels[0]!;
  const sent = await sendUntilCut(
    (message) => channel.send(message),
    () => refused.length > 0,
  );
  t.deepEqual(refused, ['reader-slow']);
  t.is(await heldTooMuch(sent, socket), undefined);
});
