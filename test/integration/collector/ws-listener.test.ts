import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Channel, Listener } from '@farola/collector/link/channel.js';
import { listenWs } from '@farola/collector/link/ws-listener.js';
import { FarolaError, LIMITS, type Refusal } from '@farola/shared';
import { WebSocket } from 'ws';
import { dialWs, flood, OPCODE, wsFrame } from '../../fakes/hostile-client.js';
import { testAuthority } from '../../fakes/test-authority.js';

async function listening(t: ExecutionContext, onLcu: (channel: Channel) => void, refused: Refusal[] = []): Promise<Listener> {
  const { server: tls } = await testAuthority();
  const receivers = {
    lcu: onLcu,
    enrol: (channel: Channel) => channel.close('token-unknown'),
    refused: (refusal: Refusal) => void refused.push(refusal),
    failed: (error: unknown) => t.log(error),
  };
  const listener = await listenWs({ host: '127.0.0.1', port: 0, tls }, receivers);
  t.teardown(() => listener.close());
  return listener;
}

function dial(t: ExecutionContext, { port }: Listener, path: string): WebSocket {
  const ws = new WebSocket(`wss://127.0.0.1:${port}${path}`, { rejectUnauthorized: false });
  ws.on('error', () => undefined);
  t.teardown(() => ws.terminate());
  return ws;
}

test('hands a connection over by its path and carries binary messages both ways', async (t) => {
  const listener = await listening(t, (channel) => channel.onMessage((message) => channel.send(message)));
  const ws = dial(t, listener, '/v1/lcu');
  await once(ws, 'open');
  ws.send(Buffer.from([1, 2, 3]));
  const [echo] = (await once(ws, 'message')) as [Buffer];
  t.deepEqual(echo, Buffer.from([1, 2, 3]));
});

test('tells an enrolment apart and closes with the code as reason', async (t) => {
  const listener = await listening(t, () => t.fail());
  const [code, reason] = (await once(dial(t, listener, '/v1/enrol'), 'close')) as [number, Buffer];
  t.is(code, 4000);
  t.is(reason.toString(), 'token-unknown');
});

test('refuses every other path', async (t) => {
  const listener = await listening(t, () => t.fail());
  const ws = dial(t, listener, '/v1/other');
  const [error] = (await once(ws, 'error')) as [Error];
  t.regex(error.message, /404/);
});

test('H79: TLS 1.3 alone is spoken, which has no renegotiation', async (t) => {
  const { port } = await listening(t, () => t.fail());
  const older = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  t.teardown(() => older.destroy());
  const refused = once(older, 'error') as Promise<[Error & { readonly code?: string }]>;
  const outcome = await Promise.race([refused.then(([error]) => error.code), once(older, 'secureConnect').then(() => 'spoken')]);
  t.is(outcome, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  const newer = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  t.teardown(() => newer.destroy());
  await once(newer, 'secureConnect');
  t.is(newer.getProtocol(), 'TLSv1.3');
});

test('H77: does not negotiate the permessage-deflate that a client offers', async (t) => {
  const listener = await listening(t, () => undefined);
  const ws = dial(t, listener, '/v1/lcu');
  const upgraded = once(ws, 'upgrade') as Promise<[{ headers: Record<string, string> }]>;
  await once(ws, 'open');
  const [{ headers }] = await upgraded;
  t.is(headers['sec-websocket-extensions'], undefined);
  t.is(ws.extensions, '');
});

test('H74: ends the connection of a proven LCU that sends a frame of 100 MB, without taking it into memory', async (t) => {
  const frameBytes = 100_000_000;
  const refused: Refusal[] = [];
  let taken = 0;
  const onLcu = (channel: Channel): void => {
    channel.proven();
    channel.onMessage((message) => (taken += message.length));
  };
  const { port } = await listening(t, onLcu, refused);
  const socket = await dialWs({ port });
  const part = new Uint8Array(64 * 1024);
  const inUse = (): number => process.memoryUsage().arrayBuffers;
  const before = inUse();
  socket.write(wsFrame(OPCODE.binary, new Uint8Array(0), { length: frameBytes }));
  let most = 0;
  for (let sent = 0; sent < frameBytes - part.length && !socket.destroyed; sent += part.length) {
    await flood(socket, part, 1);
    most = Math.max(most, inUse());
  }
  t.like(refused[0], { code: 'frame-too-large', facts: { limit: LIMITS.frameBytes } });
  t.true(socket.destroyed);
  t.is(taken, 0);
  t.true(most - before < frameBytes / 4, `${most - before} bytes more`);
});

test('ends a connection that sends text', async (t) => {
  const listener = await listening(t, (channel) => channel.onMessage(() => t.fail()));
  const ws = dial(t, listener, '/v1/lcu');
  await once(ws, 'open');
  ws.send('hello');
  const [code] = (await once(ws, 'close')) as [number];
  t.is(code, 1003);
});

test('answers plain HTTP with 426 and outlives bytes that are no TLS', async (t) => {
  const listener = await listening(t, () => undefined);
  const raw = connectTcp(listener.port, '127.0.0.1');
  t.teardown(() => raw.destroy());
  raw.on('error', () => undefined);
  raw.write('GET / HTTP/1.1\r\n\r\n');
  await once(raw, 'close');
  const tls = connectTls({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false });
  t.teardown(() => tls.destroy());
  await once(tls, 'secureConnect');
  tls.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = (await once(tls, 'data')) as [Buffer];
  t.regex(answer.toString(), /^HTTP\/1\.1 426/);
});

test('says in one code that the port is in use', async (t) => {
  const { port } = await listening(t, () => undefined);
  const again = listenWs(
    { host: '127.0.0.1', port, tls: undefined },
    { lcu: () => undefined, enrol: () => undefined, refused: () => undefined, failed: () => undefined },
  );
  const error = await t.throwsAsync(again, { instanceOf: FarolaError });
  t.like(error, { code: 'address-in-use', facts: { address: `127.0.0.1:${port}` } });
});

for (const [what, host, reason] of [
  ['an address that this machine does not have', '192.0.2.1', /does not have that address/],
  ['a name that nobody knows', 'nowhere.invalid', /no machine is known by that name|nobody could be asked/],
] as const) {
  test(`says in one code, with what to do, that it cannot listen at ${what}`, async (t) => {
    const failed = listenWs(
      { host, port: 0, tls: undefined },
      { lcu: () => undefined, enrol: () => undefined, refused: () => undefined, failed: () => undefined },
    );
    const { code, message, hint } = await t.throwsAsync(failed, { instanceOf: FarolaError });
    t.is(code, 'address-unavailable');
    t.regex(message, reason);
    t.truthy(hint);
  });
}

test('stops within seconds whatever strangers hold open, greeted or not', async (t) => {
  const { server: tls } = await testAuthority();
  const idle = { lcu: () => undefined, enrol: () => undefined, refused: () => undefined, failed: () => undefined };
  const listener = await listenWs({ host: '127.0.0.1', port: 0, tls }, idle);
  const { port } = listener;
  const raw = connectTcp(port, '127.0.0.1');
  const secure = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  const refused = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  for (const socket of [raw, secure, refused]) socket.on('error', () => undefined);
  await Promise.all([once(raw, 'connect'), once(secure, 'secureConnect'), once(refused, 'secureConnect')]);
  refused.write('GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const ws = dial(t, listener, '/v1/lcu');
  await once(ws, 'open');
  await listener.close();
  for (const socket of [raw, secure, refused]) socket.destroy();
  t.pass();
});

test('shows a new certificate to later connections without a stop', async (t) => {
  const listener = await listening(t, () => undefined);
  const shown = async (): Promise<string> => {
    const socket = connectTls({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const before = await shown();
  listener.replaceTls((await testAuthority()).server);
  t.not(await shown(), before);
});

test('ends one connection when taking its message fails, and serves the others', async (t) => {
  const { server: tls } = await testAuthority();
  const failures: unknown[] = [];
  const receivers = {
    lcu: (channel: Channel) =>
      channel.onMessage((message) => {
        if (message[0] === 0) throw new Error('disk');
        channel.send(message);
      }),
    enrol: () => undefined,
    refused: () => undefined,
    failed: (error: unknown) => failures.push(error),
  };
  const listener = await listenWs({ host: '127.0.0.1', port: 0, tls }, receivers);
  t.teardown(() => listener.close());
  const [bad, good] = [dial(t, listener, '/v1/lcu'), dial(t, listener, '/v1/lcu')];
  await Promise.all([once(bad, 'open'), once(good, 'open')]);
  bad.send(Buffer.from([0]));
  await once(bad, 'close');
  t.is(failures.length, 1);
  good.send(Buffer.from([1]));
  await once(good, 'message');
});
