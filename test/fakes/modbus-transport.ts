import type { FarolaError } from '@farola/shared';
import type { ByteTransport, TransportEvents } from '@farola/agent/meter/line/byte-transport.js';

/** A byte transport that a test plays: it records what is written and says what arrives. */
export class ScriptedTransport implements ByteTransport {
  readonly address = 'scripted';
  holdsBack = false;
  tellsApart = false;
  /** Frames written, in order. */
  readonly written: Uint8Array[] = [];
  /** How often it was opened, failures included. */
  openings = 0;
  isOpen = false;
  /** When set, opening fails with it. */
  openError: FarolaError | undefined;
  /** Called on each write, after it was recorded. */
  onWrite: (frame: Uint8Array) => void = () => undefined;
  #events: TransportEvents | undefined;

  async open(events: TransportEvents): Promise<void> {
    this.openings++;
    if (this.openError) throw this.openError;
    this.#events = events;
    this.isOpen = true;
  }

  write(frame: Uint8Array): void {
    this.written.push(frame);
    this.onWrite(frame);
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }

  /** Lets bytes arrive. */
  receive(bytes: Iterable<number>): void {
    this.#events?.onBytes(Uint8Array.from(bytes));
  }

  /** Tells that a late answer was dropped. */
  drop(): void {
    this.#events?.onLate();
  }

  /** Loses the line, as when an adapter is unplugged. */
  lose(reason: string): void {
    this.isOpen = false;
    this.#events?.onLost(reason);
  }
}

/** A scripted transport whose bytes lie waiting until they are collected, as those of a serial port do. */
export class CollectedTransport extends ScriptedTransport {
  /** How often it was looked for bytes. */
  collected = 0;
  #waiting: number[] = [];

  /** Lets bytes arrive, which nobody is told. */
  arrive(bytes: Iterable<number>): void {
    this.#waiting.push(...bytes);
  }

  readonly collect = (): void => {
    this.collected++;
    if (this.#waiting.length > 0) this.receive(this.#waiting.splice(0));
  };
}
