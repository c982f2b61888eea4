import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { FarolaError } from '@farola/shared';
import type { ByteTransport } from './byte-transport.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** A gateway that vanished without a word is noticed by TCP keep-alive after this idle time and some probes. */
const KEEP_ALIVE_MS = 30_000;

/** Bytes over a TCP connection: RTU frames as serial gateways in transparent mode carry them, or those of Modbus TCP. */
export function tcpTransport(options: { line: string; host: string; port: number }): ByteTransport {
  const { line, host, port } = options;
  const address = `${host}:${port}`;
  let socket: Socket | undefined;
  return {
    address,
    holdsBack: true,
    tellsApart: false,
    open: (events) =>
      new Promise((resolve, reject) => {
        const opening = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
        let lastError = 'connection closed by the gateway';
        let isOpen = false;
        opening.setTimeout(CONNECT_TIMEOUT_MS, () => opening.destroy(new Error('no connection in time')));
        opening.once('connect', () => {
          opening.setTimeout(0);
          isOpen = true;
          resolve();
        });
        opening.on('data', (bytes) => events.onBytes(bytes));
        opening.on('error', (error) => (lastError = error.message));
        opening.once('close', () => {
          const lost = isOpen && socket === opening;
          if (socket === opening) socket = undefined;
          if (lost) events.onLost(lastError);
          reject(new FarolaError('line-unavailable', { line, path: address, reason: lastError }));
        });
        socket = opening;
      }),
    write: (bytes) => void socket?.write(bytes),
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
