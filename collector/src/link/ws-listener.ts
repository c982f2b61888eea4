import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FarolaError, LIMITS } from '@farola/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Channel, Listener, Receivers } from './channel.js';

/** How to listen. */
export interface WsListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Server certificate with its authority, and the private key, PEM. Undefined only on the loopback of a bench. */
  readonly tls: { readonly certificate: string; readonly privateKey: string } | undefined;
}

const HANDSHAKE_MS = 10_000;
const HEADER_BYTES = 8 * 1024;
const BACKLOG = 4096;
/** Private close code, RFC 6455 section 7.4.2: the reason is a code of the error table. */
const CLOSE_CODE = 4000;
/** A reader that leaves more than this unread is cut off, bytes. */
const UNSENT_LIMIT = 1024 * 1024;

/** Listens for LCUs over TLS with ws. Errors: `address-in-use`, `permission-denied`. */
export async function listenWs(options: WsListenOptions, receivers: Receivers): Promise<Listener> {
  const http = await createServer(options);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    clientTracking: true,
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const accept = receiverOf(request.url, receivers);
    if (!accept) return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    destroyOnError(socket);
    sockets.handleUpgrade(request, socket, head, (ws) => accept(wsChannel(ws, request)));
  });
  await listen(http, options);
  const { port } = http.address() as AddressInfo;
  return { address: `${options.host}:${port}`, port, close: () => closeAll(http, sockets) };
}

/** By itself, since a listener in the scope of the request would keep it for as long as the connection lasts. */
function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}

async function createServer({ tls }: WsListenOptions): Promise<HttpServer> {
  const common = { headersTimeout: HANDSHAKE_MS, requestTimeout: HANDSHAKE_MS, maxHeaderSize: HEADER_BYTES };
  const refuse = (_request: IncomingMessage, response: import('node:http').ServerResponse): void => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  };
  if (!tls) return (await import('node:http')).createServer(common, refuse);
  const { createServer: createTlsServer } = await import('node:https');
  const secure = { cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.2' as const };
  const server = createTlsServer({ ...common, ...secure, handshakeTimeout: HANDSHAKE_MS }, refuse);
  server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  return server;
}

function receiverOf(url: string | undefined, receivers: Receivers): ((channel: Channel) => void) | undefined {
  if (url === '/v1/lcu') return (channel) => receivers.lcu(channel);
  if (url === '/v1/enrol') return (channel) => receivers.enrol(channel);
  return undefined;
}

function listen(http: HttpServer, { host, port }: WsListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const address = `${host}:${port}`;
      if (error.code === 'EADDRINUSE') return reject(new FarolaError('address-in-use', { address }));
      const remedy = 'ports below 1024 need the capability CAP_NET_BIND_SERVICE; choose a higher one';
      if (error.code === 'EACCES') return reject(new FarolaError('permission-denied', { path: address, remedy }));
      reject(error);
    });
    http.listen({ host, port, backlog: BACKLOG }, resolve);
  });
}

function wsChannel(ws: WebSocket, request: IncomingMessage): Channel {
  const { remoteAddress, remotePort } = request.socket;
  ws.on('error', () => ws.terminate());
  return {
    remote: `${remoteAddress ?? '?'}:${remotePort ?? '?'}`,
    send(message) {
      if (ws.bufferedAmount > UNSENT_LIMIT) ws.terminate();
      else if (ws.readyState === ws.OPEN) ws.send(message, { binary: true });
    },
    close: (reason) => ws.close(CLOSE_CODE, reason),
    onMessage(listener) {
      ws.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) listener(data);
        else ws.terminate();
      });
    },
    onClose: (listener) => void ws.once('close', listener),
  };
}

async function closeAll(http: HttpServer, sockets: WebSocketServer): Promise<void> {
  for (const ws of sockets.clients) ws.close(CLOSE_CODE, 'shutting-down');
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  const hurry = setTimeout(() => sockets.clients.forEach((ws) => ws.terminate()), 1000);
  await closed;
  clearTimeout(hurry);
}
