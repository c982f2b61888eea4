import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Channel } from '@farola/collector/link/channel.js';
import { wsLcuDialler } from '@farola/collector/link/ws-dialler.js';
import { codeOf, type ErrorCode, pause, systemClock, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { type WebSocket, WebSocketServer } from 'ws';
import { createServer as createHttpServer } from 'node:http';
import { eventOrClose, flood, OPCODE, wsFrame } from '../../fakes/hostile-client.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { heldTooMuch, sendUntilCut } from '../../fakes/slow-reader.js';
import { FLOODS, unmasked } from '../../fakes/ws-floods.js';

const DIAL_MS = 600;

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A good WebSocket server that hands over the bare socket of each connection. */
function listeningWs(t: ExecutionContext, onConnection: (socket: Socket) => void): Promise<number> {
  const server = createHttpServer();
  new WebSocketServer({ server }).on('connection', (ws) => {
    ws.on('error', () => undefined);
    onConnection((ws as WebSocket & { _socket: Socket })._socket);
  });
  return listening(t, server);
}

/** Dials until the connection is gone; gives why it was refused, or could not be opened, and how many messages came. */
async function dialled(
  t: ExecutionContext,
  port: number,
  connected: (channel: Channel, isRefused: () => boolean) => void = (channel) => channel.proven(),
) {
  const refused: ErrorCode[] = [];
  let messages = 0;
  const dial = wsLcuDialler({
    clock: systemClock(),
    timers: systemTimers,
    silenceMs: 60_000,
    dialMs: DIAL_MS,
    refused: ({ code }) => refused.push(code),
    failed: (error) => t.fail(String(error)),
  });
  await new Promise<void>((resolve) => {
    const opened = (channel: Channel): void => {
      channel.onMessage(() => messages++);
      channel.onClose(resolve);
      connected(channel, () => refused.length > 0);
    };
    dial({ lcuId: 'malaga-0042', host: '127.0.0.1', port }, opened, new AbortController().signal).catch((error: unknown) => {
      refused.push(codeOf(error));
      resolve();
    });
  });
  return { refused, messages };
}

for (const [what, code, attack] of FLOODS) {
  test(`a collector ends the connection of an LCU that it dialled and that sends ${what}`, async (t) => {
    const port = await listeningWs(t, (socket) => void attack(socket, unmasked));
    const { refused, messages } = await dialled(t, port);
    t.deepEqual([refused[0], messages], [code, 0]);
  });
}

test('H80: an LCU that was dialled is cut off when it does not read', async (t) => {
  let reader: Socket | undefined;
  const port = await listeningWs(t, (socket) => (reader = socket.pause()));
  let sent: Promise<number> | undefined;
  const { refused } = await dialled(t, port, (channel, isRefused) => {
    sent = sendUntilCut((message) => channel.send(message), isRefused);
  });
  t.deepEqual([...new Set(refused)], ['reader-slow']);
  t.is(await heldTooMuch(await sent!, reader!), undefined);
});

test('an LCU that was dialled and says nothing any more is given up, and each message gives it as long again', async (t) => {
  const time = new FakeTime();
  let lcu: Socket | undefined;
  const port = await listeningWs(t, (socket) => (lcu = socket));
  const common = { clock: time, timers: time, silenceMs: 60_000, refused: () => t.fail(), failed: () => t.fail() };
  let closed = false;
  const heard = new Promise<void>((resolve, reject) => {
    const opened = (channel: Channel): void => {
      channel.onMessage(() => resolve());
      channel.onClose(() => (closed = true));
    };
    wsLcuDialler(common)({ lcuId: 'malaga-0042', host: '127.0.0.1', port }, opened, new AbortController().signal).then(
      async () => {
        await time.advance(59_000);
        lcu?.write(wsFrame(OPCODE.binary, new Uint8Array(1), { masked: false }));
      },
      reject,
    );
  });
  await heard;
  await time.advance(59_000);
  t.false(closed);
  await time.advance(1_000);
  await Promise.race([eventOrClose(lcu!.resume(), 'close'), pause(systemTimers, 5_000)]);
  t.true(lcu!.destroyed);
});

test('an LCU that was dialled may send no more than a signed message before it has proven who it is', async (t) => {
  const port = await listeningWs(t, (socket) => {
    socket.write(wsFrame(OPCODE.binary, new Uint8Array(16_000), { masked: false, length: 200_000 }));
    void flood(socket, new Uint8Array(16_000), 8);
  });
  const { refused, messages } = await dialled(t, port, () => undefined);
  t.deepEqual([refused[0], messages], ['frame-too-large', 0]);
});

async function trickle(socket: Socket): Promise<void> {
  await eventOrClose(socket, 'data');
  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: '.padEnd(300, 'x');
  for (const byte of Buffer.from(upgrade)) {
    if (socket.destroyed) return;
    socket.write(Uint8Array.of(byte));
    await pause(systemTimers, 100);
  }
}

for (const [what, onConnection] of [
  ['says nothing', () => undefined],
  ['trickles its answer to the upgrade', (socket: Socket) => void trickle(socket)],
] as const) {
  test(`a dial to an LCU that ${what} ends in time`, async (t) => {
    const port = await listening(t, createServer(onConnection));
    const began = performance.now();
    t.deepEqual((await dialled(t, port)).refused, ['lcu-unreachable']);
    t.true(performance.now() - began < DIAL_MS + 5000);
  });
}
