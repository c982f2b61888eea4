import { FarolaError } from '@farola/shared';
import type { ByteTransport, TransportEvents } from './byte-transport.js';
import type { LineCounters } from './line-counters.js';
import { OpeningWait } from './opening-wait.js';

/** Opens a line when it is needed, and again after it was lost; what an earlier opening still reports is dropped. */
export class OpenLine {
  readonly #line: string;
  readonly #transport: ByteTransport;
  readonly #events: TransportEvents;
  readonly #counters: LineCounters;
  readonly #nowMs: () => number;
  readonly #wait = new OpeningWait();
  #opening = 0;
  #isOpen = false;
  #closed = false;

  constructor(options: {
    line: string;
    transport: ByteTransport;
    events: TransportEvents;
    counters: LineCounters;
    nowMs: () => number;
  }) {
    this.#line = options.line;
    this.#transport = options.transport;
    this.#events = options.events;
    this.#counters = options.counters;
    this.#nowMs = options.nowMs;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Opens it unless it is open, and says whether that was needed.
   * @throws FarolaError `line-unavailable`, `permission-denied` or `port-in-use`, at once while the last failure is young
   */
  async ensure(): Promise<boolean> {
    if (this.#closed) throw this.unavailable('closed');
    if (this.#isOpen) return false;
    this.#wait.check(this.#nowMs());
    const opening = ++this.#opening;
    try {
      await this.#transport.open(this.#eventsOf(opening));
    } catch (error) {
      this.#counters.failedOpens++;
      if (error instanceof FarolaError) this.#wait.failed(error, this.#nowMs());
      throw error;
    }
    if (opening !== this.#opening) {
      await this.#transport.close();
      throw this.unavailable('closed');
    }
    this.#isOpen = true;
    this.#wait.over();
    this.#counters.opened++;
    return true;
  }

  /** Closes and opens it, which drops what lies waiting. @throws what `ensure` throws */
  async reopen(): Promise<void> {
    this.#isOpen = false;
    this.#opening++;
    await this.#transport.close();
    await this.ensure();
  }

  /** Releases it for good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#isOpen = false;
    this.#opening++;
    await this.#transport.close();
  }

  /** The error for a line that cannot be used. */
  unavailable(reason: string): FarolaError {
    return new FarolaError('line-unavailable', { line: this.#line, path: this.#transport.address, reason });
  }

  #eventsOf(opening: number): TransportEvents {
    return {
      onBytes: (bytes) => {
        if (opening === this.#opening) this.#events.onBytes(bytes);
      },
      onLate: (why) => {
        if (opening === this.#opening) this.#events.onLate(why);
      },
      onLost: (reason) => {
        if (opening !== this.#opening) return;
        this.#isOpen = false;
        this.#events.onLost(reason);
      },
    };
  }
}
