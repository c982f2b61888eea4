import type { Channel, ChannelEvents } from '@farola/agent/link/channel.js';

/** A channel of an agent in memory: what is sent is kept, and the test is the other side. */
export class RecordedChannel implements Channel {
  readonly sent: Uint8Array[] = [];
  /** What either side closed it with. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  #events: ChannelEvents | undefined;

  /** Hands it over as open, as a dial does. */
  open(connect: (channel: Channel) => ChannelEvents): this {
    this.#events = connect(this);
    return this;
  }

  send(bytes: Uint8Array): void {
    if (!this.closed) this.sent.push(bytes);
  }

  close(code: number, reason: string): void {
    if (this.closed) return;
    this.closed = { code, reason };
    this.#events?.closed(code, reason);
  }

  /** The other side sends a message. */
  receive(bytes: Uint8Array): void {
    if (!this.closed) this.#events?.message(bytes);
  }
}
