import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { errnoOf, FarolaError } from '@farola/shared';
import type { Respond, SlavePort } from './slave-port.js';

/**
 * Listens for readers on a TCP port; 0 chooses a free one.
 * @throws FarolaError `address-in-use`, `line-unavailable`
 */
export async function tcpSlavePort(host: string, port: number): Promise<SlavePort> {
  const sockets = new Set<Socket>();
  let take: (bytes: Uint8Array, respond: Respond) => void = () => undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const respond = (bytes: Uint8Array): void => {
      if (!socket.destroyed) socket.write(bytes);
    };
    socket.on('data', (bytes) => take(bytes, respond));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refused(error, `${host}:${port}`)));
    server.listen(port, host, () => resolve());
  });
  const listening = server.address();
  const bound = typeof listening === 'object' && listening ? listening.port : port;
  return {
    address: `${host}:${bound}`,
    listen: (onBytes) => void (take = onBytes),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function refused(error: Error, address: string): FarolaError {
  if (errnoOf(error) === 'EADDRINUSE') return new FarolaError('address-in-use', { address }, { cause: error });
  return new FarolaError('line-unavailable', { line: 'simulated', path: address, reason: error.message }, { cause: error });
}
