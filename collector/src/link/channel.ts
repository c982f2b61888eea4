import type { ErrorCode, Refusal } from '@farola/shared';

/** Port: one WebSocket connection, seen as messages. One owner; nothing throws once it is closed. */
export interface Channel {
  /** Where the other side is, for the log. */
  readonly remote: string;
  /** The other side has proven who it is: bounds for strangers no longer hold for it. */
  proven(): void;
  /** Sends one binary message; on a channel that has closed it does nothing. */
  send(message: Uint8Array): void;
  /**
   * Closes in order; twice does nothing. The code of the error table tells the other side why. What it had sent may come
   * until the connection is gone.
   */
  close(reason: ErrorCode | 'done' | 'replaced' | 'shutting-down' | 'keys-replaced'): void;
  /** Called with each binary message. */
  onMessage(listener: (message: Uint8Array) => void): void;
  /** Called once when the connection is gone. */
  onClose(listener: () => void): void;
}

/** Server certificate with its authority, and the private key, PEM. */
export interface ServerTls {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Port: accepts connections of LCUs. */
export interface Listener {
  /** Where it listens, `host:port`. */
  readonly address: string;
  readonly port: number;
  /** Shows another certificate to connections from now on. */
  replaceTls(tls: ServerTls): void;
  /** Stops accepting and closes every connection. */
  close(): Promise<void>;
}

/** An LCU that waits to be dialled. */
export interface DialTarget {
  readonly lcuId: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Port: opens a connection to an LCU that waits to be dialled, and hands it over in the turn in which it is open. Any
 * number of callers. @throws FarolaError `lcu-unreachable`
 */
export type DialLcu = (target: DialTarget, opened: (channel: Channel) => void, signal: AbortSignal) => Promise<void>;

/** What takes the connections over, by what the LCU wants of them. */
export interface Receivers {
  /** A connection for polls, path `/v1/lcu`. */
  lcu(channel: Channel): void;
  /** A connection for an enrolment, path `/v1/enrol`. */
  enrol(channel: Channel): void;
  /** A connection of an LCU that asks for the newest keys statement, path `/v1/keys`. */
  keys?(channel: Channel): void;
  /** Told of a connection that was turned away, or ended since it went beyond a bound. */
  refused(refusal: Refusal, remote: string): void;
  /** Told what taking a connection or a message threw; that connection is ended, the others go on. */
  failed(error: unknown, remote: string): void;
}
