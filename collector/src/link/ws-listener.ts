import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FarolaError, LIMITS } from '@farola/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Channel, Listener, Receivers, ServerTls } from './channel.js';

/** How to listen. */
export interface WsListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Undefined only on the loopback of a bench. */
  readonly tls: ServerTls | undefined;
}

const HANDSHAKE_MS = 10_000;
/** How long connections may take to close when the listener does, ms. */
const CLOSING_MS = 1000;
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n';
const HEADER_BYTES = 8 * 1024;
const BACKLOG = 4096;
/** Private close code, RFC 6455 section 7.4.2: the reason is a code of the error table. */
const CLOSE_CODE = 4000;
/** RFC 6455 section 7.4.1: messages are binary. */
const UNSUPPORTED_DATA = 1003;
/** A reader that leaves more than this unread is cut off, bytes. */
const UNSENT_LIMIT = 1024 * 1024;

/** Listens for LCUs over TLS with ws. Errors: `address-in-use`, `permission-denied`. */
export async function listenWs(options: WsListenOptions, receivers: Receivers): Promise<Listener> {
  const { http, replaceTls } = await createServer(options);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    clientTracking: true,
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    destroyOnError(socket);
    const accept = receiverOf(request.url, receivers);
    if (!accept) return void socket.end(NOT_FOUND, () => socket.destroy());
    sockets.handleUpgrade(request, socket, head, (ws) => accept(wsChannel(ws, request.socket, receivers)));
  });
  const open = openSockets(http);
  await listen(http, options);
  http.on('error', (error) => receivers.failed(error, 'listener'));
  const { port } = http.address() as AddressInfo;
  return {
    address: `${options.host}:${port}`,
    port,
    replaceTls,
    close: () => closeAll(http, sockets, open),
  };
}

/** Every socket that is open on the server, upgraded or not, greeted or not. */
function openSockets(http: HttpServer): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/** By itself, since a listener in the scope of the request would keep it for as long as the connection lasts. */
function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}

async function createServer({ tls }: WsListenOptions): Promise<{ http: HttpServer; replaceTls: Listener['replaceTls'] }> {
  const common = { headersTimeout: HANDSHAKE_MS, requestTimeout: HANDSHAKE_MS, maxHeaderSize: HEADER_BYTES };
  const refuse = (_request: IncomingMessage, response: import('node:http').ServerResponse): void => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  };
  if (!tls) return { http: (await import('node:http')).createServer(common, refuse), replaceTls: () => undefined };
  const { createServer: createTlsServer } = await import('node:https');
  const http = createTlsServer({ ...common, ...secureContext(tls), handshakeTimeout: HANDSHAKE_MS }, refuse);
  http.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  return { http, replaceTls: (renewed) => http.setSecureContext(secureContext(renewed)) };
}

/** Both sides are ours: nothing older than TLS 1.3 has to be spoken. */
function secureContext({ certificate, privateKey }: ServerTls): { cert: string; key: string; minVersion: 'TLSv1.3' } {
  return { cert: certificate, key: privateKey, minVersion: 'TLSv1.3' };
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

/** The channel of an open connection. */
export function wsChannel(
  ws: WebSocket,
  { remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>,
  receivers: Pick<Receivers, 'failed'>,
): Channel {
  const remote = `${remoteAddress ?? '?'}:${remotePort ?? '?'}`;
  ws.on('error', () => ws.terminate());
  return {
    remote,
    send(message) {
      if (ws.bufferedAmount > UNSENT_LIMIT) ws.terminate();
      else if (ws.readyState === ws.OPEN) ws.send(message, { binary: true });
    },
    close: (reason) => ws.close(CLOSE_CODE, reason),
    onMessage(listener) {
      ws.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) return ws.close(UNSUPPORTED_DATA);
        try {
          listener(data);
        } catch (error) {
          receivers.failed(error, remote);
          ws.terminate();
        }
      });
    },
    onClose: (listener) => void ws.once('close', listener),
  };
}

async function closeAll(http: HttpServer, sockets: WebSocketServer, open: ReadonlySet<Socket>): Promise<void> {
  for (const ws of sockets.clients) ws.close(CLOSE_CODE, 'shutting-down');
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  const hurry = setTimeout(() => open.forEach((socket) => socket.destroy()), CLOSING_MS);
  await closed;
  clearTimeout(hurry);
}
