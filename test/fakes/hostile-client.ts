import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** Where to dial, and from which address of this machine. */
export interface Target {
  readonly port: number;
  readonly from?: string;
}

const HOST = '127.0.0.1';

/** Opcodes of RFC 6455 section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A WebSocket frame. @param masked as a client's must be, here with a key of zeros */
export function wsFrame(
  opcode: number,
  payload: Uint8Array,
  { fin = true, masked = true, length = payload.length } = {},
): Buffer {
  const head = Buffer.alloc(14);
  head[0] = (fin ? 0x80 : 0) | opcode;
  const mask = masked ? 0x80 : 0;
  let at = 2;
  if (length < 126) head[1] = mask | length;
  else if (length < 65_536) {
    head[1] = mask | 126;
    at = head.writeUInt16BE(length, 2);
  } else {
    head[1] = mask | 127;
    at = head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head.subarray(0, at + (masked ? 4 : 0)), payload]);
}

/** Waits for an event of a socket, or for its end, whatever it ends with. */
export function eventOrClose(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    const done = (): void => {
      socket.off(event, done).off('close', done);
      resolve();
    };
    socket.on(event, done).on('close', done);
  });
}

/** A TCP connection and nothing more. */
export async function dialTcp({ port, from }: Target): Promise<Socket> {
  const socket = connectTcp({ host: HOST, port, ...(from && { localAddress: from }) });
  socket.on('error', () => socket.destroy());
  await eventOrClose(socket, 'connect');
  return socket;
}

/** A TLS connection over which nothing was said. */
export async function dialTls({ port, from }: Target): Promise<TLSSocket> {
  const socket = connectTls({ socket: await dialTcp({ port, ...(from && { from }) }), rejectUnauthorized: false });
  socket.on('error', () => socket.destroy());
  await eventOrClose(socket, 'secureConnect');
  return socket;
}

/** The request of an upgrade. */
export const UPGRADE = [
  'GET /v1/lcu HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

/** A connection that was upgraded, on which the caller writes frames as bytes. */
export async function dialWs(target: Target): Promise<TLSSocket> {
  return upgraded(await dialTls(target));
}

/** The same without TLS. */
export async function dialPlainWs(target: Target): Promise<Socket> {
  return upgraded(await dialTcp(target));
}

async function upgraded<T extends Socket>(socket: T): Promise<T> {
  socket.write(UPGRADE);
  await eventOrClose(socket, 'data');
  return socket;
}

/** Writes again and again until the connection is gone; gives how often. */
export async function flood(socket: Socket, bytes: Uint8Array, most = Infinity): Promise<number> {
  let written = 0;
  while (!socket.destroyed && written < most) {
    if (!socket.write(bytes)) await eventOrClose(socket, 'drain');
    else if (written % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
    written++;
  }
  return written;
}
