import type { ErrorCode } from '@farola/shared';

/** Port: one WebSocket connection, seen as messages. One owner; nothing throws once it is closed. */
export interface Channel {
  /** Where the other side is, for the log. */
  readonly remote: string;
  /** Sends one binary message. */
  send(message: Uint8Array): void;
  /** Closes in order. The code of the error table tells the other side why. */
  close(reason: ErrorCode | 'done' | 'replaced' | 'shutting-down'): void;
  /** Called with each binary message. */
  onMessage(listener: (message: Uint8Array) => void): void;
  /** Called once when the connection is gone. */
  onClose(listener: () => void): void;
}

/** Port: accepts connections of LCUs. */
export interface Listener {
  /** Where it listens, `host:port`. */
  readonly address: string;
  readonly port: number;
  /** Stops accepting and closes every connection. */
  close(): Promise<void>;
}

/** What takes the connections over, by what the LCU wants of them. */
export interface Receivers {
  /** A connection for polls, path `/v1/lcu`. */
  lcu(channel: Channel): void;
  /** A connection for an enrolment, path `/v1/enrol`. */
  enrol(channel: Channel): void;
}
