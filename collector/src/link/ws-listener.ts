import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listenFailure, systemClock, systemTimers } from '@farola/shared';
import { WebSocketServer } from 'ws';
import { STRANGER_LIMITS, type StrangerLimits } from './admission.js';
import type { Channel, Listener, Receivers, ServerTls } from './channel.js';
import { destroyOnError, Doorway } from './tcp-doorway.js';
import { type ChannelReports, CLOSE_CODE, WS_SETTINGS, wsChannel } from './ws-channel.js';

/** How to listen. */
export interface WsListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Undefined only on the loopback of a bench. */
  readonly tls: ServerTls | undefined;
  /** STRANGER_LIMITS unless said. */
  readonly limits?: StrangerLimits;
  /** How long a connection may take to prove who it is, ms; 30 s unless said. */
  readonly strangerMs?: number;
  /** How long the TLS handshake may take, and then the request of the upgrade, ms each; 10 s unless said. */
  readonly handshakeMs?: number;
}

const HANDSHAKE_MS = 10_000;
/** How often Node looks for requests that are too slow, ms. */
const LOOK_MS = 1000;
/** Handshake, upgrade and hello, or a whole enrolment, ms. */
const STRANGER_MS = 30_000;
/** How long connections may take to close when the listener does, ms. */
const CLOSING_MS = 1000;
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n';
const HEADER_BYTES = 8 * 1024;
const BACKLOG = 4096;
/** Listens for LCUs over TLS with ws. Errors: those of `listenFailure`. */
export async function listenWs(options: WsListenOptions, receivers: Receivers): Promise<Listener> {
  const { http, replaceTls } = await createServer(options);
  const sockets = new WebSocketServer({ ...WS_SETTINGS, noServer: true, clientTracking: true });
  const clock = systemClock();
  const { limits = STRANGER_LIMITS, strangerMs = STRANGER_MS } = options;
  const refused: Receivers['refused'] = (refusal, remote) => receivers.refused(refusal, remote);
  const doorway = new Doorway(http, { limits, strangerMs, clock, timers: systemTimers, refused });
  const reports: ChannelReports = {
    proven: (remote) => doorway.proven(remote),
    refused,
    failed: (error, remote) => receivers.failed(error, remote),
  };
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    destroyOnError(socket);
    const accept = receiverOf(request.url, receivers);
    if (!accept) return void socket.end(NOT_FOUND, () => socket.destroy());
    const { socket: remote } = request;
    sockets.handleUpgrade(request, socket, head, (ws) => accept(wsChannel(ws, remote, reports, clock)));
  });
  await listen(http, options);
  http.on('error', (error) => receivers.failed(error, 'listener'));
  const { port } = http.address() as AddressInfo;
  return {
    address: `${options.host}:${port}`,
    port,
    replaceTls,
    close: () => closeAll(http, sockets, doorway.open),
  };
}

async function createServer({
  tls,
  handshakeMs = HANDSHAKE_MS,
}: WsListenOptions): Promise<{ http: HttpServer; replaceTls: Listener['replaceTls'] }> {
  const common = {
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, handshakeMs),
    maxHeaderSize: HEADER_BYTES,
  };
  const refuse = (_request: IncomingMessage, response: import('node:http').ServerResponse): void => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  };
  if (!tls) return { http: (await import('node:http')).createServer(common, refuse), replaceTls: () => undefined };
  const { createServer: createTlsServer } = await import('node:https');
  const http = createTlsServer({ ...common, ...secureContext(tls), handshakeTimeout: handshakeMs }, refuse);
  http.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  return { http, replaceTls: (renewed) => http.setSecureContext(secureContext(renewed)) };
}

/** Both sides are ours: nothing older than TLS 1.3 has to be spoken. */
function secureContext({ certificate, privateKey }: ServerTls): { cert: string; key: string; minVersion: 'TLSv1.3' } {
  return { cert: certificate, key: privateKey, minVersion: 'TLSv1.3' };
}

function receiverOf(url: string | undefined, receivers: Receivers): ((channel: Channel) => void) | undefined {
  if (url === '/v1/lcu') return (channel) => receivers.lcu(channel);
  if (url === '/v1/keys' && receivers.keys) return (channel) => receivers.keys?.(channel);
  if (url === '/v1/enrol') return (channel) => receivers.enrol(channel);
  return undefined;
}

function listen(http: HttpServer, { host, port }: WsListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => reject(listenFailure(error, host, port)));
    http.listen({ host, port, backlog: BACKLOG }, resolve);
  });
}

async function closeAll(http: HttpServer, sockets: WebSocketServer, open: ReadonlySet<Socket>): Promise<void> {
  for (const ws of sockets.clients) ws.close(CLOSE_CODE, 'shutting-down');
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  const hurry = setTimeout(() => open.forEach((socket) => socket.destroy()), CLOSING_MS);
  await closed;
  clearTimeout(hurry);
}
