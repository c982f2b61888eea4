import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { wsDialler } from '@farola/agent/link/ws-dialler.js';
import { codeOf, type ErrorCode, systemClock, systemTimers, pinOf } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { type WebSocket, WebSocketServer } from 'ws';
import { type OddCertificate, oddCertificate } from '../../fakes/odd-certificates.js';

const authority = await oddCertificate({ ca: true, subject: 'CN=Authority', serverAuth: false, name: null });
const leaf = await oddCertificate({ issuer: authority });
const PIN = pinOf(new X509Certificate(authority.pem));

async function listening(t: ExecutionContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A TLS server that keeps all that is sent to it after the handshake. */
async function listeningTls(t: ExecutionContext, shown: OddCertificate, chain: string, options: TlsOptions = {}) {
  const received: Buffer[] = [];
  const server = createTlsServer({ cert: shown.pem + chain, key: shown.keyPem, ...options }, (socket) => {
    socket.on('error', () => undefined).on('data', (data: Buffer) => received.push(data));
  });
  return { address: await listening(t, server), received };
}

/** A good WebSocket server that hands over its side of each connection. */
async function listeningWs(t: ExecutionContext, onConnection: (ws: WebSocket) => void): Promise<string> {
  const server = createHttpsServer({ cert: leaf.pem + authority.pem, key: leaf.keyPem });
  new WebSocketServer({ server, perMessageDeflate: true }).on('connection', (ws) => {
    ws.on('error', () => undefined);
    onConnection(ws);
  });
  return listening(t, server);
}

/** Dials; gives what came, up to the end of the connection. */
async function dialled(address: string, pins = [PIN]) {
  const warned: ErrorCode[] = [];
  const messages: Uint8Array[] = [];
  const dial = wsDialler({
    address,
    collectorId: 'malaga',
    pins: () => pins,
    path: '/v1/lcu',
    idlePingMs: 600_000,
    clock: systemClock(),
    timers: systemTimers,
    warn: (code) => warned.push(code),
  });
  const closed = await new Promise<{ code: number; reason: string } | { failed: ErrorCode }>((resolve) => {
    dial(
      () => ({
        message: (bytes) => messages.push(bytes),
        closed: (code, reason) => resolve({ code, reason }),
      }),
      new AbortController().signal,
    ).catch((error: unknown) => resolve({ failed: codeOf(error) }));
  });
  return { closed, warned, messages };
}

test('a server under the pinned authority is accepted, and messages pass in both directions', async (t) => {
  const got: string[] = [];
  const address = await listeningWs(t, (ws) => {
    ws.send(Uint8Array.of(1));
    ws.send(Uint8Array.of(2));
    ws.on('message', (data: Buffer) => {
      got.push(data.toString('hex'));
      ws.close(4000, 'lcu-pending');
    });
  });
  const messages: number[] = [];
  const warn = (code: ErrorCode): void => t.fail(code);
  const options = {
    address,
    collectorId: 'malaga',
    pins: () => [PIN],
    path: '/v1/lcu',
    idlePingMs: 600_000,
    clock: systemClock(),
    timers: systemTimers,
    warn,
  };
  const closed = await new Promise((resolve, reject) => {
    wsDialler(options)((channel) => {
      channel.send(Uint8Array.of(7));
      return { message: (bytes) => messages.push(bytes[0]!), closed: (code, reason) => resolve([code, reason]) };
    }, new AbortController().signal).catch(reject);
  });
  t.deepEqual([closed, messages, got], [[4000, 'lcu-pending'], [1, 2], ['07']]);
});

test('H79: a good server that speaks TLS 1.2, which can renegotiate, is told nothing', async (t) => {
  const { address, received } = await listeningTls(t, leaf, authority.pem, { maxVersion: 'TLSv1.2' });
  const { closed } = await dialled(address);
  t.deepEqual([closed, received], [{ failed: 'collector-unreachable' }, []]);
});

const wrong: [string, ErrorCode, () => Promise<{ shown: OddCertificate; chain: string }>][] = [
  [
    'a server under another authority',
    'pin-mismatch',
    async () => {
      const other = await oddCertificate({ ca: true, subject: 'CN=Authority' });
      return { shown: await oddCertificate({ issuer: other }), chain: other.pem };
    },
  ],
  [
    'a server under another authority that shows the pinned one as well',
    'pin-mismatch',
    async () => {
      const other = await oddCertificate({ ca: true, subject: 'CN=Authority' });
      return { shown: await oddCertificate({ issuer: other }), chain: authority.pem };
    },
  ],
  ['the authority itself as a server', 'pin-mismatch', async () => ({ shown: authority, chain: '' })],
  [
    'a lower authority as a server',
    'certificate-invalid',
    async () => ({ shown: await oddCertificate({ issuer: authority, ca: true }), chain: authority.pem }),
  ],
  ['a self-signed server', 'pin-mismatch', async () => ({ shown: await oddCertificate(), chain: '' })],
  [
    'another collector of the same authority',
    'certificate-invalid',
    async () => ({
      shown: await oddCertificate({ issuer: authority, name: 'granada.collector.farola.internal' }),
      chain: authority.pem,
    }),
  ],
  [
    'an expired certificate',
    'certificate-invalid',
    async () => ({ shown: await oddCertificate({ issuer: authority, notAfter: new Date('2021-01-01') }), chain: authority.pem }),
  ],
];

for (const [what, code, make] of wrong) {
  test(`H79: ${what} is refused with ${code} before a byte of ours is sent`, async (t) => {
    const { shown, chain } = await make();
    const { address, received } = await listeningTls(t, shown, chain);
    const { closed } = await dialled(address);
    t.deepEqual(closed, { failed: code });
    t.deepEqual(received, []);
  });
}

test('noise instead of TLS is told as unreachable', async (t) => {
  const address = await listening(
    t,
    createTcpServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'.repeat(50))),
  );
  t.deepEqual((await dialled(address)).closed, { failed: 'collector-unreachable' });
});

test('a server that hangs up is told as unreachable', async (t) => {
  const address = await listening(
    t,
    createTcpServer((socket) => void socket.destroy()),
  );
  t.deepEqual((await dialled(address)).closed, { failed: 'collector-unreachable' });
});

test('nobody there is told as unreachable', async (t) => {
  const server = createTcpServer();
  const address = await listening(t, server);
  await new Promise((resolve) => server.close(resolve));
  t.deepEqual((await dialled(address)).closed, { failed: 'collector-unreachable' });
});

test('a server that speaks HTTP only is told as unreachable', async (t) => {
  const server = createHttpsServer(
    { cert: leaf.pem + authority.pem, key: leaf.keyPem },
    (_request, response) => void response.end('hello'),
  );
  const address = await listening(t, server);
  t.deepEqual((await dialled(address)).closed, { failed: 'collector-unreachable' });
});

for (const address of ['ws://127.0.0.1:1', 'https://127.0.0.1:1', 'wss://', 'malaga', '']) {
  test(`the address \`${address}\` is not dialled`, async (t) => {
    t.deepEqual((await dialled(address)).closed, { failed: 'collector-unreachable' });
  });
}

test('H74: a frame of 100 MB ends the connection with its code and is not taken in', async (t) => {
  const address = await listeningWs(t, (ws) => ws.send(Buffer.alloc(100_000_000)));
  const before = process.memoryUsage().rss;
  const { closed, warned, messages } = await dialled(address);
  t.like(closed, { reason: 'frame-too-large' });
  t.deepEqual([warned, messages], [['frame-too-large'], []]);
  t.true(process.memoryUsage().rss - before < 250_000_000, 'the server of this test holds 100 MB and its copy');
});

test('a text message ends the connection', async (t) => {
  const address = await listeningWs(t, (ws) => ws.send('hello'));
  const { closed, messages } = await dialled(address);
  t.like(closed, { reason: 'frame-malformed' });
  t.deepEqual(messages, []);
});

test('noise inside TLS after the upgrade ends the connection', async (t) => {
  const address = await listeningWs(t, (ws) => {
    (ws as unknown as { _socket: Socket })._socket.write(Buffer.alloc(64, 0xff));
  });
  t.like((await dialled(address)).closed, { reason: 'frame-malformed' });
});

test('an aborted dial ends', async (t) => {
  const address = await listening(
    t,
    createTcpServer(() => undefined),
  );
  const ending = new AbortController();
  const dial = wsDialler({
    address,
    collectorId: 'malaga',
    pins: () => [PIN],
    path: '/',
    idlePingMs: 1e6,
    clock: systemClock(),
    timers: systemTimers,
    warn: () => undefined,
  });
  const opening = dial(() => ({ message: () => undefined, closed: () => undefined }), ending.signal);
  ending.abort();
  await t.throwsAsync(opening, { code: 'collector-unreachable' });
});
