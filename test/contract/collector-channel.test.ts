import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Channel } from '@farola/collector/link/channel.js';
import { wsLcuDialler } from '@farola/collector/link/ws-dialler.js';
import { listenWs } from '@farola/collector/link/ws-listener.js';
import { LIMITS, sameBytes, systemClock, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import { type ChannelPeer, until, wsPeer } from '../fakes/channel-peer.js';
import { MemoryChannel } from '../fakes/memory-channel.js';

/** Opens a channel, which `take` takes over, and gives its other side. */
const CHANNELS: Readonly<Record<string, (t: ExecutionContext, take: (channel: Channel) => void) => Promise<ChannelPeer>>> = {
  async 'ws listened'(t, take) {
    const unexpected = (what: unknown): void => t.fail(JSON.stringify(what));
    const receivers = { lcu: take, enrol: unexpected, refused: unexpected, failed: unexpected };
    const listener = await listenWs({ host: '127.0.0.1', port: 0, tls: undefined }, receivers);
    const ws = new WebSocket(`ws://127.0.0.1:${listener.port}/v1/lcu`);
    const peer = wsPeer(ws);
    t.teardown(async () => {
      ws.terminate();
      await listener.close();
    });
    await new Promise((resolve) => ws.once('open', resolve));
    return peer;
  },
  async 'ws dialled'(t, take) {
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      for (const ws of server.clients) ws.terminate();
      http.close();
    });
    const peer = new Promise<ChannelPeer>((resolve) => server.on('connection', (ws) => resolve(wsPeer(ws))));
    const unexpected = (what: unknown): void => t.fail(JSON.stringify(what));
    const times = { clock: systemClock(), timers: systemTimers, silenceMs: 600_000 };
    const dial = wsLcuDialler({ ...times, refused: unexpected, failed: unexpected });
    const { port } = http.address() as AddressInfo;
    await dial({ lcuId: 'malaga-0042', host: '127.0.0.1', port }, take, new AbortController().signal);
    return peer;
  },
  async 'memory'(_t, take) {
    const channel = new MemoryChannel();
    let ended: { code: number; reason: string } | undefined;
    channel.onClose(() => (ended ??= { code: 4000, reason: channel.closedFor ?? '' }));
    take(channel);
    return {
      heard: () => channel.sent,
      ended: () => ended,
      say: (message) => channel.deliver(message),
      leave: (_code, reason) => channel.close(reason),
      vanish: () => channel.close(''),
    };
  },
};

/** A channel of an LCU that has proven who it is, with its other side, and what it told. */
async function opened(t: ExecutionContext, open: (typeof CHANNELS)[string]) {
  const messages: Buffer[] = [];
  let handed: Channel | undefined;
  let closes = 0;
  const peer = await open(t, (channel) => {
    handed = channel;
    channel.proven();
    channel.onMessage((message) => messages.push(Buffer.from(message)));
    channel.onClose(() => closes++);
  });
  if (!handed) throw new Error('no channel was handed over');
  return { channel: handed, peer, messages, closes: () => closes };
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
    const { channel, peer, closes } = await opened(t, open);
    channel.close('lcu-revoked');
    channel.close('replaced');
    await until(() => peer.ended() !== undefined && closes() > 0);
    channel.close('done');
    t.deepEqual([peer.ended(), closes()], [{ code: 4000, reason: 'lcu-revoked' }, 1]);
  });

  for (const [how, go] of [
    ['leaves', (peer: ChannelPeer) => peer.leave(4000, 'stopping')],
    ['is gone without a word', (peer: ChannelPeer) => peer.vanish()],
  ] as const) {
    test(`${name}: the end is told once to each who listens when the other side ${how}, and nothing after it`, async (t) => {
      const { channel, peer, messages, closes } = await opened(t, open);
      let others = 0;
      channel.onClose(() => others++);
      go(peer);
      peer.say(Uint8Array.of(1));
      await until(() => closes() > 0);
      channel.close('done');
      channel.proven();
      t.deepEqual([closes(), others, messages], [1, 1, []]);
    });
  }

  test(`${name}: what is sent after closing goes nowhere`, async (t) => {
    const { channel, peer, closes } = await opened(t, open);
    channel.send(Uint8Array.of(1));
    channel.close('done');
    channel.send(Uint8Array.of(2));
    await until(() => peer.ended() !== undefined && closes() > 0);
    channel.send(Uint8Array.of(3));
    t.deepEqual(
      peer.heard().map((bytes) => [...bytes]),
      [[1]],
    );
  });
}
