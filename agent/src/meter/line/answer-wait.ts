import type { Timer, Timers } from '@farola/shared';
import type { ByteTransport } from './byte-transport.js';
import type { Deadline } from './deadline.js';
import { answerLength, findAnswer, withoutEcho } from './rtu-frame.js';
import type { Answer, ReadRequest } from './rtu-frame.js';

/** Bytes that still come in are waited for while they follow each other this closely, ms. */
const TRICKLE_MS = 50;
/** The longest time between two looks, and the shortest, ms. */
const LOOK_MOST_MS = 10;
const LOOK_LEAST_MS = 1;
/** Bytes kept while waiting for an answer: an answer and as much noise. */
const RECEIVED_LIMIT = 1_024;

const NOTHING: Uint8Array = new Uint8Array();

/** How a wait for an answer ended. */
export type AnswerOutcome =
  | {
      readonly kind: 'answer';
      readonly answer: Answer;
      /** Bytes beside the answer. */
      readonly strayBytes: number;
      /** Whether bytes came behind the answer. */
      readonly goesOn: boolean;
      /** From the question to the end of the answer, without the time of their bytes on the wire, ms. */
      readonly tookMs: number;
      /** Whether it was there when it was first looked for. */
      readonly atFirstLook: boolean;
    }
  | { readonly kind: 'nothing'; readonly received: Uint8Array }
  | { readonly kind: 'given-up'; readonly error: Error };

/** What an answer is waited for with. */
export interface AnswerWaitOptions {
  readonly asks: ReadRequest;
  readonly request: Uint8Array;
  readonly transport: ByteTransport;
  readonly timers: Timers;
  /** That of the line, for one question at a time. */
  readonly deadline: Deadline;
  readonly nowMs: () => number;
  /** Time of one byte on the wire, ms. */
  readonly byteMs: number;
  /** Time of question and answer on the wire, ms. */
  readonly wireMs: number;
  /** When it is worth looking for the whole answer, beside that, ms. */
  readonly typicalMs: number;
  /** How long it is waited for, beside that, ms. */
  readonly timeoutMs: number;
  /** Cuts answers to earlier questions out of what was received. */
  readonly withoutLate: (received: Uint8Array) => Uint8Array;
}

/** The wait for the answer to one question, from the moment it is written. It ends once. */
export class AnswerWait {
  readonly outcome: Promise<AnswerOutcome>;
  /** Whether the line sent the question back. */
  echoed = false;
  readonly #options: AnswerWaitOptions;
  readonly #writtenAtMs: number;
  #end: (outcome: AnswerOutcome) => void = () => undefined;
  #ended = false;
  #received = NOTHING;
  #lastByteMs = -Infinity;
  #looks = 0;
  #look: Timer | undefined;
  #lastLook: Timer | undefined;

  constructor(options: AnswerWaitOptions) {
    const { wireMs, typicalMs, timeoutMs, deadline, transport } = options;
    this.#options = options;
    this.#writtenAtMs = options.nowMs();
    this.outcome = new Promise((resolve) => (this.#end = resolve));
    deadline.set(wireMs + timeoutMs, () => this.#lookLast());
    if (transport.collect) this.#lookAfter(wireMs + typicalMs);
  }

  /** Takes bytes as they arrived. */
  take(bytes: Uint8Array): void {
    if (this.#ended) return;
    const { asks, nowMs, withoutLate, wireMs } = this.#options;
    this.#lastByteMs = nowMs();
    const all = this.#received.length === 0 ? bytes : joined(this.#received, bytes);
    const received = withoutLate(this.#withoutEcho(all));
    const answer = findAnswer(received, asks);
    if (!answer) {
      this.#received = received.subarray(-RECEIVED_LIMIT);
      return;
    }
    this.#finish({
      kind: 'answer',
      answer,
      strayBytes: received.length - answer.frame.length,
      goesOn: answer.end < received.length,
      tookMs: Math.max(0, this.#lastByteMs - this.#writtenAtMs - wireMs),
      atFirstLook: this.#looks === 1,
    });
  }

  /** Ends the wait without an answer. */
  giveUp(error: Error): void {
    this.#finish({ kind: 'given-up', error });
  }

  #withoutEcho(received: Uint8Array): Uint8Array {
    if (this.echoed) return received;
    const rest = withoutEcho(received, this.#options.request);
    this.echoed = rest !== received;
    return rest;
  }

  #lookAfter(delayMs: number): void {
    const { timers, transport } = this.#options;
    this.#look = timers.after(delayMs, () => {
      this.#looks++;
      transport.collect?.();
      if (!this.#ended) this.#lookAfter(this.#untilMoreMs());
    });
  }

  /** When the rest of the answer may be there. */
  #untilMoreMs(): number {
    const { asks, byteMs, nowMs } = this.#options;
    if (this.#received.length > 0) return Math.max(LOOK_LEAST_MS, (answerLength(asks) - this.#received.length) * byteMs);
    const waitedMs = nowMs() - this.#writtenAtMs;
    return Math.min(LOOK_MOST_MS, Math.max(LOOK_LEAST_MS, waitedMs / 16));
  }

  /**
   * The time is over; but input that has arrived is handed on first, since a process that was held up sees its timers
   * before its sockets, and an answer that is coming in is waited for, at most as long again.
   */
  #lookLast(): void {
    const { timers, transport, nowMs, wireMs, timeoutMs } = this.#options;
    const turns = (left: number): void => {
      transport.collect?.();
      if (this.#ended) return;
      const isComing = this.#received.length > 0 && nowMs() - this.#lastByteMs <= TRICKLE_MS;
      if (isComing && nowMs() - this.#writtenAtMs < 2 * (wireMs + timeoutMs)) {
        this.#lastLook = timers.after(TRICKLE_MS, () => turns(1));
      } else if (left > 0) {
        this.#lastLook = timers.after(0, () => turns(left - 1));
      } else {
        this.#finish({ kind: 'nothing', received: this.#received });
      }
    };
    this.#lastLook = timers.after(0, () => turns(1));
  }

  #finish(outcome: AnswerOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.deadline.met();
    this.#look?.cancel();
    this.#lastLook?.cancel();
    this.#end(outcome);
  }
}

function joined(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(before.length + bytes.length);
  both.set(before);
  both.set(bytes, before.length);
  return both;
}
