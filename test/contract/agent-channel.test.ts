import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Channel, ChannelEvents } from '@farola/agent/link/channel.js';
import { wsDialler } from '@farola/agent/link/ws-dialler.js';
import { wsListener } from '@farola/agent/link/ws-listener.js';
import { LIMITS, pinOf, sameBytes, systemClock, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import { type ChannelPeer, until, wsPeer } from '../fakes/channel-peer.js';
import { oddCertificate } from '../fakes/odd-certificates.js';
import { RecordedChannel } from '../fakes/recorded-channel.js';

type Connect = (channel: Channel) => ChannelEvents;

const authority = await oddCertificate({ ca: true, subject: 'CN=Authority', serverAuth: false, name: null });
const leaf = await oddCertificate({ issuer: authority });

const watched = (t: ExecutionContext) => ({
  idlePingMs: 600_000,
  clock: systemClock(),
  timers: systemTimers,
  warn: (code: string) => t.fail(code),
});

/** Opens a channel, which `connect` takes over, and gives its other side. */
const CHANNELS: Readonly<Record<string, (t: ExecutionContext, connect: Connect) => Promise<ChannelPeer>>> = {
  async 'ws dialled'(t, connect) {
    const http = createServer({ cert: leaf.pem + authority.pem, key: leaf.keyPem });
    const server = new WebSocketServer({ server: http });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      for (const ws of server.clients) ws.terminate();
      http.close();
    });
    const peer = new Promise<ChannelPeer>((resolve) => server.on('connection', (ws) => resolve(wsPeer(ws))));
    const address = `wss://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const pins = (): Uint8Array[] => [pinOf(new X509Certificate(authority.pem))];
    const dial = wsDialler({ ...watched(t), address, collectorId: 'malaga', pins, path: '/v1/lcu' });
    await dial(connect, new AbortController().signal);
    return peer;
  },
  async 'ws listened'(t, connect) {
    const ending = new AbortController();
    const port = await new Promise<number>((resolve) => {
      const listen = wsListener({ ...watched(t), host: '127.0.0.1', port: 0, listening: resolve });
      const running = listen(connect, ending.signal);
      t.teardown(async () => {
        ending.abort();
        await running;
      });
    });
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/lcu`);
    const peer = wsPeer(ws);
    t.teardown(() => ws.terminate());
    await new Promise((resolve) => ws.once('open', resolve));
    return peer;
  },
  async 'memory'(_t, connect) {
    const channel = new RecordedChannel().open(connect);
    return {
      heard: () => channel.sent,
      ended: () => channel.closed,
      say: (message) => channel.receive(message),
      leave: (code, reason) => channel.close(code, reason),
      vanish: () => channel.close(1006, ''),
    };
  },
};

/** A channel with its other side, and what it told. */
async function opened(t: ExecutionContext, open: (typeof CHANNELS)[string]) {
  const messages: Buffer[] = [];
  const closed: [number, string][] = [];
  let handed: Channel | undefined;
  const peer = await open(t, (channel) => {
    handed = channel;
    return {
      message: (bytes) => messages.push(Buffer.from(bytes)),
      closed: (code, reason) => closed.push([code, reason]),
    };
  });
  if (!handed) throw new Error('no channel was handed over');
  return { channel: handed, peer, messages, closed };
}

const SIZES = [0, 1, 126, 65_536, LIMITS.frameBytes];

for (const [name, open] of Object.entries(CHANNELS)) {
  test(`${name}: messages of every size pass whole and in order, both ways`, async (t) => {
    const { channel, peer, messages } = await opened(t, open);
    const sent = SIZES.map((size, i) => Buffer.alloc(size, i + 1));
    for (const message of sent) {
      channel.send(message);
      peer.say(message);
    }
    await until(() => peer.heard().length === sent.length && messages.length === sent.length);
    // Of such sizes deepEqual takes so long that ws gives up the close frames that the tests beside this one wait for.
    for (const came of [peer.heard(), messages]) t.true(sent.every((bytes, i) => sameBytes(bytes, came[i]!)));
  });

  test(`${name}: closing tells the other side why, and the end once; closing again does nothing`, async (t) => {
    const { channel, peer, closed } = await opened(t, open);
    channel.close(4000, 'lcu-pending');
    channel.close(1000, 'again');
    await until(() => peer.ended() !== undefined && closed.length > 0);
    channel.close(1000, 'again');
    t.deepEqual([peer.ended(), closed], [{ code: 4000, reason: 'lcu-pending' }, [[4000, 'lcu-pending']]]);
  });

  test(`${name}: what the other side closes with is told, once, and nothing after it`, async (t) => {
    const { channel, peer, messages, closed } = await opened(t, open);
    peer.leave(4000, 'replaced');
    peer.say(Uint8Array.of(1));
    await until(() => closed.length > 0);
    channel.close(1000, 'done');
    t.deepEqual([closed, messages], [[[4000, 'replaced']], []]);
  });

  test(`${name}: another side that is gone without a word is told as lost, once`, async (t) => {
    const { channel, peer, closed } = await opened(t, open);
    peer.vanish();
    await until(() => closed.length > 0);
    channel.close(1000, 'done');
    t.deepEqual(closed, [[1006, '']]);
  });

  test(`${name}: what is sent after closing goes nowhere`, async (t) => {
    const { channel, peer, closed } = await opened(t, open);
    channel.send(Uint8Array.of(1));
    channel.close(1000, 'done');
    channel.send(Uint8Array.of(2));
    await until(() => peer.ended() !== undefined && closed.length > 0);
    channel.send(Uint8Array.of(3));
    t.deepEqual(
      peer.heard().map((bytes) => [...bytes]),
      [[1]],
    );
  });
}
