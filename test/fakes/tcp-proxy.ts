import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

/** What the network does: carries; carries each piece late; takes everything and carries nothing; takes no connection. */
export type NetworkMode =
  | { readonly kind: 'carry' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'swallow' }
  | { readonly kind: 'refuse' };

/** A network of bytes between the programs: it knows nothing of what it carries. */
export interface TcpProxy {
  readonly port: number;
  /** Port behind it, on this machine. */
  to: number;
  mode: NetworkMode;
  /** Connections so far. */
  readonly connections: number;
  /** Loses every connection now. */
  cut(): void;
  /** Loses each connection after so many more bytes to the collector, in the middle of whatever is sent. */
  cutAfter(bytes: number): void;
}

/** Starts one that ends with the test. */
export async function tcpProxy(t: ExecutionContext): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let connections = 0;
  const server = createServer((inner) => {
    connections++;
    if (proxy.mode.kind === 'refuse') return void inner.destroy();
    const pair = new Pair(inner, connect(proxy.to, '127.0.0.1'), () => proxy.mode);
    pairs.add(pair);
    pair.onEnd(() => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const pair of pairs) pair.end();
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    to: 0,
    mode: { kind: 'carry' },
    get connections() {
      return connections;
    },
    cut,
    cutAfter(bytes) {
      for (const pair of pairs) pair.bytesLeft = bytes;
    },
  };
  return proxy;
}

/** One connection and the one behind it. */
class Pair {
  bytesLeft = Infinity;
  readonly #sockets: readonly [Socket, Socket];
  readonly #mode: () => NetworkMode;

  constructor(inner: Socket, outer: Socket, mode: () => NetworkMode) {
    this.#sockets = [inner, outer];
    this.#mode = mode;
    for (const socket of this.#sockets) socket.on('error', () => this.end()).on('close', () => this.end());
    inner.on('data', (piece: Buffer) => this.#carry(piece, outer, true));
    outer.on('data', (piece: Buffer) => this.#carry(piece, inner, false));
  }

  onEnd(told: () => void): void {
    this.#sockets[0].on('close', told);
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(piece: Buffer, to: Socket, counted: boolean): void {
    const mode = this.#mode();
    if (mode.kind === 'swallow') return;
    if (counted && piece.length > this.bytesLeft) {
      to.write(piece.subarray(0, this.bytesLeft), () => this.end());
      this.bytesLeft = 0;
      return;
    }
    if (counted) this.bytesLeft -= piece.length;
    if (mode.kind === 'late') setTimeout(() => to.write(piece), mode.ms);
    else to.write(piece);
  }
}
