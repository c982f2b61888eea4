import { type ErrorCode, ERRORS, type Facts, FarolaError } from '@farola/shared';
import type { ChannelEvents } from './channel.js';

interface Waiter {
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

/** Messages that nobody has asked for yet. In a dialogue there is one at most. */
const MOST_WAITING = 2;

/**
 * The messages of a channel, taken one by one: for a dialogue where each side waits for the other. One caller at a time.
 * Of messages that nobody waits for few are kept; with one more the dialogue fails with `frame-kind-unexpected`.
 */
export class MessageQueue implements ChannelEvents {
  readonly #address: string;
  readonly #facts: Facts;
  readonly #messages: Uint8Array[] = [];
  #waiter: Waiter | undefined;
  #closed: FarolaError | undefined;

  /** @param facts for the message of the code that the other side may close with */
  constructor(address: string, facts: Facts = {}) {
    this.#address = address;
    this.#facts = facts;
  }

  message(bytes: Uint8Array): void {
    if (this.#waiter) this.#waiter.resolve(bytes);
    else if (this.#messages.length < MOST_WAITING) this.#messages.push(bytes);
    else this.fail(new FarolaError('frame-kind-unexpected', { kind: 'any' }));
    this.#waiter = undefined;
  }

  closed(code: number, reason: string): void {
    this.#closed = closedBy(code, reason, { address: this.#address, ...this.#facts });
    this.#waiter?.reject(this.#closed);
    this.#waiter = undefined;
  }

  /** Ends the wait for a message with this error. */
  fail(error: FarolaError): void {
    this.#closed = error;
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }

  /** The next message. @throws FarolaError with the code that the other side closed with, or `collector-unreachable` */
  next(): Promise<Uint8Array> {
    const message = this.#messages.shift();
    if (message) return Promise.resolve(message);
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => (this.#waiter = { resolve, reject }));
  }
}

function closedBy(code: number, reason: string, facts: Facts): FarolaError {
  if (Object.hasOwn(ERRORS, reason)) return new FarolaError(reason as ErrorCode, facts);
  return new FarolaError('collector-unreachable', { ...facts, reason: `it closed with ${code} ${reason}`.trimEnd() });
}
