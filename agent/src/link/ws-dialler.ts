import { FarolaError, LIMITS } from '@farola/shared';
import type { Clock, ErrorCode, Facts, Timers } from '@farola/shared';
import WebSocket, { type RawData } from 'ws';
import type { Channel, ChannelEvents, Dial } from './channel.js';
import type { PinnedCollector } from './check-chain.js';
import { connectPinned } from './tcp-pinned-tls.js';
import { keepAlive } from './ws-keep-alive.js';

/** What a dialler works with. */
export interface WsDiallerOptions extends Omit<PinnedCollector, 'atMs'> {
  /** Path on the server: `/v1/lcu`, or `/v1/enrol`. */
  readonly path: string;
  /** Silence after which the connection is pinged, ms. */
  readonly idlePingMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told why the connection is given up. */
  readonly warn: (code: ErrorCode, facts: Facts) => void;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Time that the other side has to answer our close frame, ms. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Dials a collector by WebSocket over TLS whose certificate is pinned. */
export function wsDialler(options: WsDiallerOptions): Dial {
  const { address, clock } = options;
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
      await opened(ws, address, () => listen(ws, connect(channelOf(ws)), options));
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

function channelOf(ws: WebSocket): Channel {
  return {
    send(bytes) {
      if (ws.readyState === WebSocket.OPEN) ws.send(bytes);
    },
    close: (code, reason) => ws.close(code, reason),
  };
}

function listen(ws: WebSocket, events: ChannelEvents, options: WsDiallerOptions): void {
  const alive = keepAlive(ws, options);
  let failure: ErrorCode | undefined;
  const fail = (code: ErrorCode, facts: Facts): void => {
    failure ??= code;
    options.warn(code, facts);
  };
  ws.on('message', (data: RawData, isBinary) => {
    if (isBinary && data instanceof Buffer) return events.message(data);
    fail('frame-malformed', { reason: 'a text message' });
    ws.close(1003);
  });
  // ws closes the connection itself after each of its errors.
  ws.on('error', (error) => {
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      return fail('frame-too-large', { bytes: 'a frame', limit: LIMITS.frameBytes });
    }
    fail('frame-malformed', { reason: error.message });
  });
  ws.on('close', (code, reason) => {
    alive.stop();
    events.closed(code, failure ?? reason.toString());
  });
}
