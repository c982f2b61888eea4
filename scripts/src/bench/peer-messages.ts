/** What the bench asks of the process that holds the simulated LCUs; each is answered by one `PeerAnswer`. */
export type PeerRequest =
  /** Makes so many LCUs with their keys. Gives the public keys, hexadecimal, in the order of their numbers. */
  | { readonly do: 'make'; readonly lcus: number }
  /** Connects LCUs `from` to `to - 1`, each to be greeted and polled. */
  | { readonly do: 'connect'; readonly to: PeerAddress; readonly from: number; readonly until: number }
  /** Connects all LCUs, and again whenever a connection is lost, after the waits of the agent. Answered once all are connected. */
  | { readonly do: 'keep'; readonly to: PeerAddress }
  /** Cuts every connection that is kept, as a network does. */
  | { readonly do: 'cut' }
  /** Opens bare connections, each of which answers every message with these bytes (base64). */
  | { readonly do: 'echo'; readonly to: PeerAddress; readonly connections: number; readonly answer: string };

/** A server to connect to. */
export interface PeerAddress {
  /** `ws://` or `wss://`, host, port and path. */
  readonly url: string;
  /** Authority that the server's certificate must come from, PEM, and the name that it must carry. */
  readonly tls: { readonly ca: string; readonly servername: string } | undefined;
}

/** What came of a request. */
export type PeerAnswer =
  | { readonly ok: true; readonly publicKeys: readonly string[] }
  /** Why it could not be done, or why the peer can go on no more. */
  | { readonly ok: false; readonly reason: string };

/** Name of an LCU of the bench. */
export function benchLcuId(number: number): string {
  return `bench-${String(number).padStart(6, '0')}`;
}
