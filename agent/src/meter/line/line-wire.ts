import { pause } from '@farola/shared';
import type { FarolaError, Timers } from '@farola/shared';
import { AnswerWait } from './answer-wait.js';
import type { AnswerOutcome } from './answer-wait.js';
import type { ByteTransport } from './byte-transport.js';
import { Deadline } from './deadline.js';
import type { LineCounters } from './line-counters.js';
import { LineSilence, SILENCE_MOST_MS } from './line-silence.js';
import type { LineTiming } from './line-timing.js';
import { OpenLine } from './open-line.js';
import { OwedAnswers } from './owed-answers.js';
import { answerLength, parseReadRequest } from './rtu-frame.js';
import type { ReadRequest } from './rtu-frame.js';

/** So many questions in a row without an answer, and a connection on which answers are told apart is opened anew. */
const UNANSWERED_MOST = 3;
/** And so many in all: each keeps the number that its answer would name. */
const UNANSWERED_IN_ALL = 1_000;
/** Bytes kept of those that came when nothing was asked: some late answers and as much noise. */
const UNASKED_LIMIT = 1_024;

/** What a wire is made of. */
export interface LineWireOptions {
  /** Name of the line, for messages. */
  readonly line: string;
  readonly transport: ByteTransport;
  /** The monotonic clock in ms, with fractions. */
  readonly nowMs: () => number;
  readonly timers: Timers;
  readonly timing: LineTiming;
  readonly counters: LineCounters;
  /** The answer to a question that was given up has come. */
  readonly onLate: (unit: number) => void;
}

/** One question as it goes on the wire, and how long its answer may take beside its bytes, ms. */
export interface WireQuestion {
  readonly request: Uint8Array;
  readonly typicalMs: number;
  readonly timeoutMs: number;
  /** Called in the moment before it is written. */
  readonly onSent?: (() => void) | undefined;
}

/**
 * The wire of a line: open when it is needed, silent before each question, and drained after a failure. Used for one question
 * at a time.
 */
export class LineWire {
  readonly owed = new OwedAnswers();
  readonly #options: LineWireOptions;
  readonly #open: OpenLine;
  readonly #silence: LineSilence;
  readonly #deadline: Deadline;
  #wait: AnswerWait | undefined;
  /** Bytes that came while nothing was asked, and that no answer has been seen in. */
  #unasked: Uint8Array = new Uint8Array();
  /** Whether bytes came while answers were owed: there may be more of them, in buffers that opening anew drops. */
  #lateBytesCame = false;
  #mustReopen = false;
  #unanswered = 0;
  #unansweredInAll = 0;
  #droppedWhy: string | undefined;

  /** Counts the late answers among what was received, and gives the rest. */
  readonly #withoutLate = (received: Uint8Array): Uint8Array => {
    if (this.owed.isEmpty) return received;
    const { rest, late } = this.owed.settle(received);
    for (const { unit } of late) {
      this.#options.counters.lateAnswers++;
      this.#options.onLate(unit);
    }
    return rest;
  };

  constructor(options: LineWireOptions) {
    this.#options = options;
    this.#silence = new LineSilence(options.timing, options.nowMs);
    this.#deadline = new Deadline(options.timers, options.nowMs);
    const events = {
      onBytes: (bytes: Uint8Array) => this.#take(bytes),
      onLate: (why?: string) => {
        options.counters.lateAnswers++;
        this.#droppedWhy ??= why;
      },
      onLost: (reason: string) => {
        this.#silence.suspect();
        this.#wait?.giveUp(this.#open.unavailable(reason));
      },
    };
    this.#open = new OpenLine({ ...options, events });
  }

  get isClosed(): boolean {
    return this.#open.isClosed;
  }

  /** End of the last traffic, monotonic ms. */
  get lastTrafficMs(): number {
    return this.#silence.lastTrafficMs;
  }

  /** Why what came in answer to the last question was dropped; undefined when nothing was. */
  get droppedWhy(): string | undefined {
    return this.#droppedWhy;
  }

  /** The error for a line that cannot be used. */
  unavailable(reason: string): FarolaError {
    return this.#open.unavailable(reason);
  }

  /** Whether a question to this unit may be asked at once, as it is on a line on which all went well. */
  isReady(unit: number): boolean {
    if (!this.#open.isOpen || this.#mustReopen || !this.owed.isEmpty) return false;
    this.collect();
    if (this.#silence.isSuspect || this.#lateBytesCame) return false;
    return this.#silence.leftMs(unit) <= 0;
  }

  /**
   * Opens the line, and waits until nothing that is still on its way disturbs a question to this unit.
   * @throws FarolaError `line-unavailable`, `permission-denied`, `port-in-use`; the reason of the signal
   */
  async ready(unit: number, signal?: AbortSignal): Promise<void> {
    const opened = await this.#open.ensure();
    if (opened) this.#unansweredInAll = 0;
    if (this.#mustReopen && !opened) await this.#reopen();
    this.#mustReopen = false;
    await this.#forgetWhatIsOver();
    let reopened = false;
    for (;;) {
      signal?.throwIfAborted();
      if (!this.#open.isOpen) throw this.unavailable('lost while waiting for silence');
      this.collect();
      const waitMs = this.#silence.leftMs(unit);
      const isNoisy = waitMs > 0 && this.#silence.isNoisy;
      if (isNoisy && reopened) throw this.unavailable('the line does not fall silent');
      if (isNoisy || (waitMs <= 0 && this.#lateBytesCame && !reopened)) {
        reopened = true;
        await this.#reopen();
      } else if (waitMs > 0) {
        await pause(this.#options.timers, Math.min(waitMs, SILENCE_MOST_MS), signal);
      } else break;
    }
    this.#silence.clear();
    this.#lateBytesCame = false;
    this.#unasked = new Uint8Array();
  }

  /**
   * Asks, on a line that is ready, and says how it went. This is the one place that writes to a transport.
   * @throws FarolaError `modbus-write-refused` for anything but a read
   */
  async ask({ request, typicalMs, timeoutMs, onSent }: WireQuestion): Promise<AnswerOutcome> {
    const asks = parseReadRequest(request);
    const { transport, timers, nowMs, timing, counters } = this.#options;
    const { byteMs } = timing;
    const wireMs = byteMs * (request.length + answerLength(asks));
    const askedAtMs = nowMs();
    const wait = new AnswerWait({
      asks,
      request,
      transport,
      timers,
      deadline: this.#deadline,
      nowMs,
      byteMs,
      wireMs,
      typicalMs,
      timeoutMs,
      withoutLate: this.#withoutLate,
    });
    this.#wait = wait;
    this.#droppedWhy = undefined;
    this.#silence.asked(asks.unit, askedAtMs + byteMs * request.length);
    onSent?.();
    transport.write(request);
    const outcome = await wait.outcome;
    this.#wait = undefined;
    const endedAtMs = nowMs();
    if (outcome.kind === 'answer') this.#silence.heard();
    if (outcome.kind === 'answer' && outcome.goesOn) this.#silence.suspect();
    counters.busyMs += endedAtMs - askedAtMs;
    if (wait.echoed) counters.echoes++;
    return outcome;
  }

  /** Takes what lies waiting, where bytes are not reported as they come. */
  collect(): void {
    this.#options.transport.collect?.();
  }

  /** A question was answered. */
  answered(): void {
    this.#unanswered = 0;
  }

  /** A question was given up; its answer may still come. */
  owe(asks: ReadRequest): void {
    const { transport, nowMs, timing } = this.#options;
    this.#unanswered++;
    this.#unansweredInAll++;
    if (transport.tellsApart) {
      this.#mustReopen = this.#unanswered >= UNANSWERED_MOST || this.#unansweredInAll >= UNANSWERED_IN_ALL;
      return;
    }
    this.owed.add(asks, nowMs() + timing.worstLatenessMs);
    this.#mustReopen = transport.holdsBack;
    this.#silence.suspect();
  }

  /** Gives up the question in flight. */
  giveUp(error: Error): void {
    this.#wait?.giveUp(error);
  }

  /** Releases the line for good. */
  async close(): Promise<void> {
    const closing = this.#open.close();
    this.giveUp(this.unavailable('closed'));
    this.#deadline.close();
    await closing;
  }

  /**
   * An answer may have come in time and lie unread, in a process that was held up and sees its timers before its sockets: it
   * is handed on before its question is forgotten.
   */
  async #forgetWhatIsOver(): Promise<void> {
    const { timers, nowMs } = this.#options;
    const atMs = nowMs();
    if (!this.owed.isAnyOver(atMs)) return;
    this.collect();
    for (let turn = 0; turn < 2; turn++) await pause(timers, 0);
    this.owed.forget(atMs);
  }

  async #reopen(): Promise<void> {
    this.#lateBytesCame = false;
    this.#unanswered = 0;
    this.#unansweredInAll = 0;
    await this.#open.reopen();
    this.#unasked = new Uint8Array();
    this.#silence.clear();
    this.#silence.suspect();
  }

  /** Takes what arrived: part of the answer that is waited for, or bytes that nobody asked for. */
  #take(bytes: Uint8Array): void {
    this.#silence.heard();
    if (this.#wait) return this.#wait.take(bytes);
    this.#options.counters.strayBytes += bytes.length;
    if (this.owed.isAny(this.#options.nowMs())) this.#lateBytesCame = true;
    this.#unasked = this.#withoutLate(Buffer.concat([this.#unasked, bytes]).subarray(-UNASKED_LIMIT));
    this.#silence.suspect();
  }
}
