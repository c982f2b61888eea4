/** What a transport reports between open and close. */
export interface TransportEvents {
  /** Bytes as they arrived; frame borders mean nothing. They are the receiver's from now on. */
  onBytes(bytes: Uint8Array): void;
  /** An answer was dropped: its question no longer waits for it, or it does not name its question, and this is why. */
  onLate(why?: string): void;
  /** The transport was lost; called at most once, and not after `close`. */
  onLost(reason: string): void;
}

/** Port: carries bytes to and from one physical line. Used by one arbiter only; calls never overlap. */
export interface ByteTransport {
  /** Path or address, as shown to people. */
  readonly address: string;
  /** Whether something in between, such as a gateway, may hold bytes back for seconds: only opening anew drops them. */
  readonly holdsBack: boolean;
  /** Whether each answer names its question, so that a late one never arrives as bytes: none is owed then. */
  readonly tellsApart: boolean;
  /**
   * Opens the line; may be called again after `close` or `onLost`. Bytes that waited from before are dropped.
   * @throws FarolaError `line-unavailable`, `permission-denied` or `port-in-use`
   */
  open(events: TransportEvents): Promise<void>;
  /** Hands bytes to the line. Failures are reported by `onLost`. */
  write(bytes: Uint8Array): void;
  /**
   * Reports by `onBytes`, before it returns, what has arrived and lies waiting. Absent where bytes are reported as they come:
   * a serial port would wake the process for each of them.
   */
  readonly collect?: () => void;
  /** Releases the line; never throws, and may be called when it is not open. */
  close(): Promise<void>;
}
