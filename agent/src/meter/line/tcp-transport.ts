import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { FarolaError } from '@farola/shared';
import type { ByteTransport } from './byte-transport.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** A gateway that vanished without a word is noticed by TCP keep-alive after this idle time and some probes. */
const KEEP_ALIVE_MS = 30_000;
/** What is read at once. */
const READ_BYTES = 4_096;

/** Where a connection goes. */
export interface TcpOptions {
  readonly line: string;
  readonly host: string;
  readonly port: number;
  /** Whether bytes are lent: whoever takes them reads or copies them before the call returns. Else they are the receiver's. */
  readonly lends: boolean;
}

/** Bytes over a TCP connection: RTU frames as serial gateways in transparent mode carry them, or those of Modbus TCP. */
export function tcpTransport({ line, host, port, lends }: TcpOptions): ByteTransport {
  const address = `${host}:${port}`;
  let socket: Socket | undefined;
  return {
    address,
    holdsBack: true,
    tellsApart: false,
    open: (events) =>
      new Promise((resolve, reject) => {
        // Read into one buffer: what a stream of its own does for each answer costs more than the answer.
        const onread = {
          buffer: new Uint8Array(READ_BYTES),
          callback: (length: number, buffer: Uint8Array): boolean => {
            const bytes = buffer.subarray(0, length);
            events.onBytes(lends ? bytes : Buffer.from(bytes));
            return true;
          },
        };
        const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, onread };
        const opening = connect(options);
        let lastError = 'connection closed by the gateway';
        let isOpen = false;
        opening.setTimeout(CONNECT_TIMEOUT_MS, () => opening.destroy(new Error('no connection in time')));
        opening.once('connect', () => {
          opening.setTimeout(0);
          isOpen = true;
          resolve();
        });
        opening.on('error', (error) => (lastError = error.message));
        opening.once('close', () => {
          const lost = isOpen && socket === opening;
          if (socket === opening) socket = undefined;
          if (lost) events.onLost(lastError);
          reject(new FarolaError('line-unavailable', { line, path: address, reason: lastError }));
        });
        socket = opening;
      }),
    // Copied into the pool of buffers: a small array would first get memory of its own outside of V8's heap.
    write: (bytes) => void socket?.write(Buffer.from(bytes)),
    close: async () => {
      const closing = socket;
      socket = undefined;
      if (!closing || closing.destroyed) return;
      await new Promise<void>((resolve) => {
        closing.once('close', () => resolve());
        closing.destroy();
      });
    },
  };
}
