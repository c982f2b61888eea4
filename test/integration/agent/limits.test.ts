import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MessageQueue } from '@farola/agent/link/message-queue.js';
import type { Channel, ChannelEvents } from '@farola/agent/link/channel.js';
import { wsDialler } from '@farola/agent/link/ws-dialler.js';
import { wsListener } from '@farola/agent/link/ws-listener.js';
import { codeOf, type ErrorCode, pause, pinOf, systemClock, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { type WebSocket, WebSocketServer } from 'ws';
import { dialPlainWs, dialTcp, eventOrClose, UPGRADE } from '../../fakes/hostile-client.js';
import { oddCertificate } from '../../fakes/odd-certificates.js';
import { heldTooMuch, sendUntilCut } from '../../fakes/slow-reader.js';
import { FLOODS, masked, unmasked } from '../../fakes/ws-floods.js';

const authority = await oddCertificate({ ca: true, subject: 'CN=Authority', serverAuth: false, name: null });
const leaf = await oddCertificate({ issuer: authority });
const PIN = pinOf(new X509Certificate(authority.pem));
const TLS = { cert: leaf.pem + authority.pem, key: leaf.keyPem };
/** For dials that are to fail in time, and for those that are to succeed on whatever machine. */
const [SHORT_MS, LONG_MS] = [600, 30_000];

async function listening(t: ExecutionContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A good WebSocket server that hands over the bare socket of each connection. */
function listeningWs(t: ExecutionContext, onConnection: (socket: Socket) => void): Promise<string> {
  const server = createHttpsServer(TLS);
  new WebSocketServer({ server }).on('connection', (ws) => {
    ws.on('error', () => undefined);
    onConnection((ws as WebSocket & { _socket: Socket })._socket);
  });
  return listening(t, server);
}

/** Dials; gives how it ended, what was warned of and how many messages came. */
async function dialled(
  address: string,
  connected: (channel: Channel, isWarned: () => boolean) => void = () => undefined,
  dialMs = LONG_MS,
) {
  const warned: ErrorCode[] = [];
  let messages = 0;
  const warn = (code: ErrorCode): void => void warned.push(code);
  const common = { idlePingMs: 600_000, clock: systemClock(), timers: systemTimers, warn, dialMs };
  const dial = wsDialler({ address, collectorId: 'malaga', pins: () => [PIN], path: '/v1/lcu', ...common });
  const ended = await new Promise<string>((resolve) => {
    dial((channel) => {
      connected(channel, () => warned.length > 0);
      return { message: () => messages++, closed: (code, reason) => resolve(reason || String(code)) };
    }, new AbortController().signal).catch((error: unknown) => resolve(codeOf(error)));
  });
  return { ended, warned, messages };
}

async function trickle(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Uint8Array.of(byte));
    await pause(systemTimers, 100);
  }
}

/** The head of a TLS 1.3 ServerHello of 122 bytes, and some of it. */
const HALF_SERVER_HELLO = Buffer.concat([Buffer.from('160303007a020000760303', 'hex'), Buffer.alloc(50)]);
const HALF_UPGRADE = Buffer.from(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: '.padEnd(300, 'x'),
);

const STALLS: readonly (readonly [string, () => Server])[] = [
  ['says nothing', () => createTcpServer(() => undefined)],
  ['trickles its TLS hello', () => createTcpServer((socket) => void trickle(socket, HALF_SERVER_HELLO))],
  ['says nothing after the TLS handshake', () => createTlsServer(TLS, () => undefined)],
  [
    'trickles its answer to the upgrade',
    () =>
      createTlsServer(
        TLS,
        (socket) =>
          void trickle(
            socket.on('error', () => undefined),
            HALF_UPGRADE,
          ),
      ),
  ],
];

for (const [what, make] of STALLS) {
  test(`H76: a dial to a server that ${what} ends in time`, async (t) => {
    const began = performance.now();
    t.is((await dialled(await listening(t, make()), undefined, SHORT_MS)).ended, 'collector-unreachable');
    t.true(performance.now() - began < SHORT_MS + 5000);
  });
}

for (const [what, code, attack] of FLOODS) {
  test(`an LCU ends the connection of a server that sends ${what}`, async (t) => {
    const address = await listeningWs(t, (socket) => void attack(socket, unmasked));
    const { ended, warned, messages } = await dialled(address);
    t.deepEqual([ended, warned[0], messages], [code, code, 0]);
  });
}

test('H80: an LCU ends the connection of a server that does not read', async (t) => {
  let reader: Socket | undefined;
  const address = await listeningWs(t, (socket) => (reader = socket.pause()));
  let sent: Promise<number> | undefined;
  const { ended, warned } = await dialled(address, (channel, isWarned) => {
    sent = sendUntilCut((message) => channel.send(message), isWarned);
  });
  t.deepEqual([ended, warned], ['1006', ['reader-slow']]);
  t.is(await heldTooMuch(await sent!, reader!), undefined);
});

/** An LCU that waits to be dialled; what it warned of, how connections ended, and their channels. */
async function listeningLcu(t: ExecutionContext, handshakeMs?: number) {
  const warned: ErrorCode[] = [];
  const ended: string[] = [];
  const channels: Channel[] = [];
  const ending = new AbortController();
  const port = await new Promise<number>((resolve) => {
    const warn = (code: ErrorCode): void => void warned.push(code);
    const watched = { idlePingMs: 600_000, clock: systemClock(), timers: systemTimers, warn };
    const waits = handshakeMs === undefined ? {} : { handshakeMs };
    const accept = (channel: Channel): ChannelEvents => {
      channels.push(channel);
      return { message: () => ended.push('message'), closed: (code, reason) => ended.push(reason || String(code)) };
    };
    const running = wsListener({ ...watched, ...waits, host: '127.0.0.1', port: 0, listening: resolve })(accept, ending.signal);
    t.teardown(async () => {
      ending.abort();
      await running;
    });
  });
  return { target: { port }, warned, ended, channels };
}

for (const [what, code, attack] of FLOODS) {
  test(`an LCU that listens ends a connection that sends ${what}`, async (t) => {
    const { target, warned, ended } = await listeningLcu(t);
    const socket = await dialPlainWs(target);
    await attack(socket.resume(), masked);
    while (ended.length === 0) await pause(systemTimers, 10);
    t.deepEqual([ended, warned[0]], [[code], code]);
  });
}

test('an LCU that listens ends a connection that does not read', async (t) => {
  const { target, warned, ended, channels } = await listeningLcu(t);
  const socket = await dialPlainWs(target);
  socket.pause();
  for (let sent = 0; sent < 2000 && ended.length === 0; sent++) {
    channels[0]?.send(new Uint8Array(64 * 1024));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual([ended, warned], [['1006'], ['reader-slow']]);
});

test('an LCU that listens cuts an upgrade off that is too long, and one that trickles, without a word', async (t) => {
  const { target } = await listeningLcu(t, SHORT_MS);
  const long = await dialTcp(target);
  const slow = await dialTcp(target);
  const heard: Buffer[] = [];
  for (const socket of [long, slow]) socket.on('data', (data: Buffer) => heard.push(data));
  long.write(UPGRADE.trimEnd() + `\r\nX: ${'x'.repeat(5000)}\r\n\r\n`);
  void trickle(slow, Buffer.from(UPGRADE.trimEnd().padEnd(600, 'x')));
  const began = performance.now();
  await Promise.all([eventOrClose(long, 'close'), eventOrClose(slow, 'close')]);
  t.true(performance.now() - began < SHORT_MS + 5000);
  t.deepEqual(heard, []);
});

test('an LCU that listens cuts a connection off that says nothing', async (t) => {
  const { target } = await listeningLcu(t, SHORT_MS);
  const began = performance.now();
  const socket = await dialTcp(target);
  await eventOrClose(socket.resume(), 'close');
  t.true(performance.now() - began < SHORT_MS + 5000);
});

test('of messages that an enrolment does not wait for few are kept', async (t) => {
  const queue = new MessageQueue('wss://127.0.0.1:1');
  for (let i = 0; i < 1000; i++) queue.message(Uint8Array.of(i & 255));
  t.deepEqual(await queue.next(), Uint8Array.of(0));
  t.deepEqual(await queue.next(), Uint8Array.of(1));
  await t.throwsAsync(queue.next(), { code: 'frame-kind-unexpected' });
});
