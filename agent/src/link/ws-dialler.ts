import { FarolaError, LIMITS } from '@farola/shared';
import type { Clock, ErrorCode, Facts, Timers } from '@farola/shared';
import WebSocket, { type RawData } from 'ws';
import type { Channel, ChannelEvents, Dial } from './channel.js';
import type { PinnedCollector } from './check-chain.js';
import { connectPinned } from './tcp-pinned-tls.js';
import { boundControls } from './ws-controls.js';
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
  /** How long a dial may take, from the first packet to the open connection, ms; 20 s unless said. */
  readonly dialMs?: number;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Each stage ends when nothing comes; this ends a server that trickles. */
const DIAL_MS = 20_000;
/** Fragments of one message, and pieces that an unfinished frame comes in. Our collector sends one fragment. */
const FRAGMENT_LIMIT = 64;
const CHUNK_LIMIT = 1024;
/** A collector that leaves more than this unread is cut off, bytes: an answer has some 160 KiB at most. */
const UNSENT_LIMIT = 1024 * 1024;
/** Time that the other side has to answer our close frame, ms. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Dials a collector by WebSocket over TLS whose certificate is pinned. */
export function wsDialler(options: WsDiallerOptions): Dial {
  const { address, timers, dialMs = DIAL_MS } = options;
  return async (connect, signal) => {
    const late = new AbortController();
    const deadline = timers.after(dialMs, () => late.abort());
    try {
      await dialOnce(options, connect, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (!late.signal.aborted) throw error;
      throw new FarolaError('collector-unreachable', { address, reason: `not connected within ${dialMs} ms` }, { cause: error });
    } finally {
      deadline.cancel();
    }
  };
}

async function dialOnce(options: WsDiallerOptions, connect: Parameters<Dial>[0], signal: AbortSignal): Promise<void> {
  const { address, clock } = options;
  const now = clock.now();
  const dated = now.quality === 'synchronised' || now.quality === 'rtc';
  const socket = await connectPinned({ ...options, atMs: dated ? now.wallMs : undefined }, HANDSHAKE_TIMEOUT_MS, signal);
  const settings = {
    createConnection: () => socket,
    maxPayload: LIMITS.frameBytes,
    maxFragments: FRAGMENT_LIMIT,
    maxBufferedChunks: CHUNK_LIMIT,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    followRedirects: false,
  };
  const ws = new WebSocket(new URL(options.path, address), settings);
  const abort = (): void => ws.terminate();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await opened(ws, address, () => listen(ws, connect(channelOf(ws, options)), options));
  } finally {
    signal.removeEventListener('abort', abort);
  }
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

function channelOf(ws: WebSocket, { warn }: WsDiallerOptions): Channel {
  return {
    send(bytes) {
      if (ws.readyState !== WebSocket.OPEN) return;
      if (ws.bufferedAmount > UNSENT_LIMIT) {
        warn('reader-slow', { limit: UNSENT_LIMIT });
        ws.terminate();
      } else ws.send(bytes);
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
  boundControls(ws, options.clock, fail);
  // ws closes the connection itself after each of its errors.
  ws.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      return fail('frame-too-large', { bytes: 'a frame', limit: LIMITS.frameBytes });
    if (error.code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') {
      return fail('frame-fragmented', { fragments: FRAGMENT_LIMIT, chunks: CHUNK_LIMIT });
    }
    fail('frame-malformed', { reason: error.message });
  });
  ws.on('close', (code, reason) => {
    alive.stop();
    events.closed(code, failure ?? reason.toString());
  });
}
