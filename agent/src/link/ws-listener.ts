import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listenFailure, WS_BOUNDS } from '@farola/shared';
import { WebSocketServer } from 'ws';
import type { Accept, Listen } from './channel.js';
import { IdleTime } from './idle-time.js';
import { channelOf, listen, type WsChannelOptions } from './ws-channel.js';

/** Where to listen, and how connections are watched. */
export interface WsListenerOptions extends Omit<WsChannelOptions, 'idle'> {
  /** Silence after which a connection is pinged, ms. */
  readonly idlePingMs: number;
  /** An address of this machine. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Takes a connection for a keys statement, path `/v1/keys`; without it there are none. */
  readonly keys?: Accept;
  /** Told where it listens. */
  readonly listening?: (port: number) => void;
  /** How long a connection may take to become a WebSocket, ms; 10 s unless said. */
  readonly handshakeMs?: number;
}

const PATH = '/v1/lcu';
const KEYS_PATH = '/v1/keys';
/** Connections that are open at a time, and those of one other machine: the one in use, and one that may take its place. */
const MOST_CONNECTIONS = 8;
const MOST_OF_ONE = 2;
/** Time to become a WebSocket, ms. */
const HANDSHAKE_MS = 10_000;
const CHECK_MS = 2_000;
const HEADER_BYTES = 4 * 1024;
/** Time that connections have to close in order, ms. */
const CLOSING_MS = 1_000;

/**
 * Listens for the collector at one address, inside a VPN: without TLS, since every message is signed and the VPN keeps
 * them secret. Whoever is no WebSocket for LCUs is told nothing.
 */
export function wsListener(options: WsListenerOptions): Listen {
  return async (accept, signal) => {
    const { handshakeMs = HANDSHAKE_MS } = options;
    const connectionsCheckingInterval = Math.min(CHECK_MS, handshakeMs);
    const limits = { headersTimeout: handshakeMs, requestTimeout: handshakeMs, connectionsCheckingInterval };
    const cutOff = (request: IncomingMessage): void => void request.socket.destroy();
    const http = createServer({ ...limits, maxHeaderSize: HEADER_BYTES, requireHostHeader: false }, cutOff);
    http.on('checkContinue', cutOff).on('checkExpectation', cutOff);
    const open = limitConnections(http, handshakeMs);
    const upgrader = new WebSocketServer({ ...WS_BOUNDS, noServer: true });
    upgrader.on('wsClientError', (_error, socket) => socket.destroy());
    const idle = new IdleTime(options.idlePingMs);
    const takes = new Map([[PATH, accept], ...(options.keys ? [[KEYS_PATH, options.keys] as const] : [])]);
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const take = takes.get(request.url ?? '');
      if (!take) return void socket.destroy();
      request.socket.setTimeout(0);
      const remote = request.socket.remoteAddress ?? '';
      upgrader.handleUpgrade(request, socket, head, (ws) => {
        listen(ws, take(channelOf(ws, options), remote), { ...options, idle });
      });
    });
    http.on('clientError', (_error, socket) => socket.destroy());
    const port = await listenAt(http, options);
    options.listening?.(port);
    try {
      await untilAborted(http, signal);
    } finally {
      await closeAll(http, open, options);
    }
  };
}

/** Stops listening; connections that do not close in order are cut off. */
async function closeAll(http: Server, open: ReadonlySet<Socket>, { timers }: WsListenerOptions): Promise<void> {
  const hurry = timers.after(CLOSING_MS, () => open.forEach((socket) => socket.destroy()));
  await new Promise<void>((resolve) => http.close(() => resolve()));
  hurry.cancel();
}

/** Every socket that is open; more than the bounds allow are destroyed at once, as are those that say nothing. */
function limitConnections(http: Server, handshakeMs: number): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  http.maxConnections = MOST_CONNECTIONS;
  http.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    const others = [...open].filter((one) => one.remoteAddress === remoteAddress);
    socket.on('error', () => socket.destroy());
    if (others.length >= MOST_OF_ONE) return void socket.destroy();
    open.add(socket);
    socket.setTimeout(handshakeMs, () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function listenAt(http: Server, { host, port }: WsListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => reject(listenFailure(error, host, port)));
    http.listen({ host, port }, () => {
      const address = http.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Rejects when the server fails first. */
function untilAborted(http: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    http.once('error', (error) => reject(error));
  });
}
