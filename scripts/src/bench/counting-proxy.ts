import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes TCP connections on and counts what goes over them, both ways. */
export interface CountingProxy {
  readonly port: number;
  /** Bytes to the server and back since the start: what TCP carries, TLS included. */
  bytes(): number;
  close(): Promise<void>;
}

/** Listens on the loopback and passes connections on to a port of it. */
export async function openCountingProxy(toPort: number): Promise<CountingProxy> {
  const open = new Set<Socket>();
  let bytes = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: toPort, noDelay: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('data', (data: Buffer) => {
        bytes += data.length;
        to.write(data);
      });
      from.on('error', () => from.destroy());
      from.once('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
