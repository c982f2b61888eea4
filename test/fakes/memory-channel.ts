import type { Channel } from '@farola/collector/link/channel.js';

/** One end of a connection in memory: what is sent is kept, what comes is handed in by the test. */
export class MemoryChannel implements Channel {
  readonly remote = 'memory';
  readonly sent: Uint8Array[] = [];
  /** What either side closed it for. */
  closedFor: string | undefined;
  /** Whether the other side was said to have proven who it is. */
  isProven = false;
  #onMessage: (message: Uint8Array) => void = () => undefined;
  #onClose: (() => void)[] = [];

  /** Told of each message that is sent. */
  onSent: (message: Uint8Array) => void = () => undefined;

  proven(): void {
    this.isProven = true;
  }

  send(message: Uint8Array): void {
    if (this.closedFor !== undefined) return;
    this.sent.push(message);
    this.onSent(message);
  }

  close(reason: string): void {
    if (this.closedFor !== undefined) return;
    this.closedFor = reason;
    for (const listener of this.#onClose) listener();
  }

  onMessage(listener: (message: Uint8Array) => void): void {
    this.#onMessage = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose.push(listener);
  }

  /** The other side sends a message. */
  deliver(message: Uint8Array): void {
    if (this.closedFor === undefined) this.#onMessage(message);
  }
}
