import { FarolaError, LIMITS } from '@farola/shared';
import WebSocket from 'ws';
import type { Dial } from './channel.js';
import type { PinnedCollector } from './check-chain.js';
import { IdleTime } from './idle-time.js';
import { connectPinned } from './tcp-pinned-tls.js';
import { channelOf, listen, type WsChannelOptions } from './ws-channel.js';

/** What a dialler works with. */
export interface WsDiallerOptions extends Omit<PinnedCollector, 'atMs'>, Omit<WsChannelOptions, 'idle'> {
  /** Silence after which the connection is pinged until it is known that the network bears less, ms. */
  readonly idlePingMs: number;
  /** Path on the server: `/v1/lcu`, or `/v1/enrol`. */
  readonly path: string;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Time that the other side has to answer our close frame, ms. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Dials a collector by WebSocket over TLS whose certificate is pinned. */
export function wsDialler(options: WsDiallerOptions): Dial {
  const { address, clock } = options;
  const idle = new IdleTime(options.idlePingMs);
  return async (connect, signal) => {
    const now = clock.now();
    const dated = now.quality === 'synchronised' || now.quality === 'rtc';
    const socket = await connectPinned({ ...options, atMs: dated ? now.wallMs : undefined }, HANDSHAKE_TIMEOUT_MS, signal);
    const settings = {
      createConnection: () => socket,
      maxPayload: LIMITS.frameBytes,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      closeTimeout: CLOSE_TIMEOUT_MS,
      followRedirects: false,
    };
    const ws = new WebSocket(new URL(options.path, address), settings);
    const abort = (): void => ws.terminate();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await opened(ws, address, () => {
        idle.dialled(clock.now().monoMs);
        listen(ws, connect(channelOf(ws)), { ...options, idle });
      });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
}

/** Resolves when the connection is open; `begin` is called in the same turn, so that no message is missed. */
function opened(ws: WebSocket, address: string, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new FarolaError('collector-unreachable', { address, reason: error.message }, { cause: error }));
    };
    ws.once('error', fail);
    ws.once('open', () => {
      ws.off('error', fail);
      begin();
      resolve();
    });
  });
}
