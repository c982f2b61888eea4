import { FarolaError, refuse, type Refusal, WS_BOUNDS } from '@farola/shared';
import WebSocket from 'ws';
import type { Dial, DialKeys } from './channel.js';
import { checkChain, type PinnedCollector } from './check-chain.js';
import { IdleTime } from './idle-time.js';
import { connectPinned, type JudgeChain } from './tcp-pinned-tls.js';
import { channelOf, listen, type WsChannelOptions } from './ws-channel.js';

/** What a dialler works with. */
export interface WsDiallerOptions extends Omit<PinnedCollector, 'atMs' | 'pins'>, Omit<WsChannelOptions, 'idle'> {
  /** SHA-256 of the SubjectPublicKeyInfo of each accepted certificate authority, asked at each dial. */
  readonly pins: () => readonly Uint8Array[];
  /** Silence after which the connection is pinged until it is known that the network bears less, ms. */
  readonly idlePingMs: number;
  /** Path on the server: `/v1/lcu`, or `/v1/enrol`. */
  readonly path: string;
  /** How long a dial may take, from the first packet to the open connection, ms; 20 s unless said. */
  readonly dialMs?: number;
  /** Judges the certificates that are shown; by `pins` unless told. */
  readonly judge?: JudgeChain;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Each stage ends when nothing comes; this ends a server that trickles. */
const DIAL_MS = 20_000;

/** Dials a collector by WebSocket over TLS whose certificate is pinned. */
export function wsDialler(options: WsDiallerOptions): Dial {
  const { address, timers, dialMs = DIAL_MS } = options;
  const idle = new IdleTime(options.idlePingMs);
  return async (connect, signal) => {
    const late = new AbortController();
    const deadline = timers.after(dialMs, () => late.abort());
    try {
      await dialOnce({ ...options, idle }, connect, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (!late.signal.aborted) throw error;
      throw new FarolaError('collector-unreachable', { address, reason: `not connected within ${dialMs} ms` }, { cause: error });
    } finally {
      deadline.cancel();
    }
  };
}

/** Dials for the keys statement: what certificates are worth is judged when the statement is here. */
export function wsKeysDialler(options: Omit<WsDiallerOptions, 'pins' | 'path' | 'judge'>): DialKeys {
  return async (connect, signal) => {
    let judgeShown: (pins: readonly Uint8Array[]) => Refusal | undefined = () =>
      refuse('pin-mismatch', { address: options.address });
    const judge: JudgeChain = (chain, pinned) => {
      judgeShown = (pins) => checkChain(chain, { ...pinned, pins });
      return undefined;
    };
    await wsDialler({ ...options, pins: () => [], path: '/v1/keys', judge })(connect, signal);
    return judgeShown;
  };
}

async function dialOnce(
  options: WsDiallerOptions & { readonly idle: IdleTime },
  connect: Parameters<Dial>[0],
  signal: AbortSignal,
): Promise<void> {
  const { address, clock, idle } = options;
  const now = clock.now();
  const dated = now.quality === 'synchronised' || now.quality === 'rtc';
  const socket = await connectPinned(
    { ...options, pins: options.pins(), atMs: dated ? now.wallMs : undefined },
    HANDSHAKE_TIMEOUT_MS,
    signal,
    options.judge,
  );
  const settings = {
    ...WS_BOUNDS,
    createConnection: () => socket,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    followRedirects: false,
  };
  const ws = new WebSocket(new URL(options.path, address), settings);
  const abort = (): void => ws.terminate();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await opened(ws, address, () => {
      idle.dialled(clock.now().monoMs);
      listen(ws, connect(channelOf(ws, options)), options);
    });
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
