import { FarolaError, pause } from '@farola/shared';
import type { Timers } from '@farola/shared';
import type { AnswerOutcome } from './answer-wait.js';
import type { ByteTransport } from './byte-transport.js';
import { zeroCounters } from './line-counters.js';
import type { LineCounters, QuestionCounters } from './line-counters.js';
import { LineQueue } from './line-queue.js';
import type { Priority } from './line-queue.js';
import { UNKNOWN_UNIT } from './line-timing.js';
import type { LineTiming, UnitTiming } from './line-timing.js';
import { LineUnit } from './line-unit.js';
import { LineWire } from './line-wire.js';
import { MISMATCH_TEXT, explainMismatch, parseReadRequest } from './rtu-frame.js';
import type { ReadRequest } from './rtu-frame.js';

/** While questions wait for a late answer, it is looked for this often. */
const LOOK_MS = 100;

/** How a line is driven. */
export interface LineOptions {
  /** Name of the line, for messages. */
  readonly line: string;
  readonly transport: ByteTransport;
  /** The monotonic clock in ms, with fractions. */
  readonly nowMs: () => number;
  readonly timers: Timers;
  readonly timing: LineTiming;
  /** What the units on the line need. */
  readonly units?: ReadonlyMap<number, UnitTiming>;
}

/** One question to one analyser. */
export interface LineQuestion {
  /** Name of the analyser, for messages. */
  readonly analyser: string;
  /** Whole RTU frame of a read request. */
  readonly request: Uint8Array;
  /** `sample` when it is not told. */
  readonly priority?: Priority | undefined;
  /** Called in the moment in which it is put on the line. */
  readonly onSent?: (() => void) | undefined;
}

interface Job {
  readonly question: LineQuestion;
  readonly asks: ReadRequest;
  readonly unit: LineUnit;
  readonly signal: AbortSignal | undefined;
  resolve: (frame: Uint8Array) => void;
  reject: (reason: Error) => void;
}

/**
 * The one owner of a physical line: one question in flight, the most urgent first. RTU answers do not name the registers
 * they carry, so a late answer looks like the answer to the next question of the same shape. Hence: before each
 * question the line has been silent, after a failure for longer; a shape whose answer is still owed is not asked,
 * and whoever asks is told which counts that are; where late bytes came the line is opened anew, and behind a gateway
 * after each failure. A transport that tells answers apart by itself, as Modbus TCP does, needs none of this.
 */
export class LineArbiter {
  readonly counters: LineCounters = zeroCounters();
  readonly #options: LineOptions;
  readonly #wire: LineWire;
  readonly #queue = new LineQueue<Job>();
  readonly #units = new Map<number, LineUnit>();
  #working = false;
  #serving: Job | undefined;
  /** Ends the pause of a line whose questions are not ready; undefined when there is none. */
  #pausing: AbortController | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    const onLate = (unit: number): void => {
      this.#unitOf(unit).counters.lateAnswers++;
      this.#pausing?.abort();
    };
    this.#wire = new LineWire({ ...options, counters: this.counters, onLate });
  }

  /** What is known of the units that were asked. */
  get units(): ReadonlyMap<number, Pick<LineUnit, 'counters' | 'usualAnswerMs'>> {
    return this.#units;
  }

  /**
   * The numbers of registers that the next question to a unit must not ask for, since the answer to an earlier question
   * for as many may still come. A question that does so all the same waits until it no longer may.
   */
  owedCounts(unit: number, functionCode: number): ReadonlySet<number> {
    return this.#wire.owed.counts(unit, functionCode, this.#options.nowMs());
  }

  /**
   * Asks one question and answers with the whole frame that fits it, an exception frame included. Any number of callers.
   * @throws FarolaError `modbus-write-refused` for anything but a read; `meter-timeout`, `meter-malformed`;
   * `line-unavailable`, `permission-denied` or `port-in-use` when the line cannot be opened; the reason of the signal
   */
  exchange(question: LineQuestion, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      const asks = parseReadRequest(question.request);
      signal?.throwIfAborted();
      if (this.#wire.isClosed) throw this.#wire.unavailable('closed');
      const job: Job = { question, asks, unit: this.#unitOf(asks.unit), signal, resolve, reject };
      if (signal) this.#abortable(job, signal);
      this.#queue.add(job, question.priority ?? 'sample');
      this.#pausing?.abort();
      if (!this.#working) void this.#work();
    });
  }

  /** Refuses what waits and releases the line. */
  async close(): Promise<void> {
    const closing = this.#wire.close();
    for (const job of this.#queue.clear()) job.reject(this.#wire.unavailable('closed'));
    this.#pausing?.abort();
    await closing;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#queue.length > 0) {
      const nowMs = this.#options.nowMs();
      const next = this.#queue.next(nowMs, (job) => this.#readyAtMs(job, nowMs));
      if ('item' in next) await this.#serve(next.item);
      else await this.#pause(next.waitUntilMs - nowMs);
    }
    this.#working = false;
  }

  /** A question to a unit that needs its time, or whose answer could be taken for another, lets others go first. */
  #readyAtMs({ unit, asks }: Job, nowMs: number): number {
    return Math.max(unit.lastTrafficMs + unit.minGapMs, this.#wire.owed.until(asks, nowMs));
  }

  /** Waits for the first question to become ready; a new one, or a late answer that was seen, may be sooner. */
  async #pause(forMs: number): Promise<void> {
    this.#pausing = new AbortController();
    await pause(this.#options.timers, Math.min(forMs, LOOK_MS), this.#pausing.signal);
    this.#pausing = undefined;
    this.#wire.collect();
  }

  #abortable(job: Job, signal: AbortSignal): void {
    const { resolve, reject } = job;
    const abort = (): void => this.#abort(job);
    signal.addEventListener('abort', abort, { once: true });
    job.resolve = (frame) => {
      signal.removeEventListener('abort', abort);
      resolve(frame);
    };
    job.reject = (reason) => {
      signal.removeEventListener('abort', abort);
      reject(reason);
    };
  }

  #abort(job: Job): void {
    const reason = asError(job.signal?.reason);
    if (this.#queue.remove(job)) job.reject(reason);
    else if (this.#serving === job) this.#wire.giveUp(reason);
  }

  async #serve(job: Job): Promise<void> {
    const { asks, question, unit } = job;
    this.#serving = job;
    try {
      if (!this.#wire.isReady(asks.unit)) await this.#wire.ready(asks.unit, job.signal);
      this.#count(job, 'requests');
      const { typicalMs, timeoutMs } = unit.answerTime;
      const outcome = await this.#wire.ask({ request: question.request, typicalMs, timeoutMs, onSent: question.onSent });
      unit.lastTrafficMs = this.#wire.lastTrafficMs;
      this.#settle(job, outcome, timeoutMs);
    } catch (error) {
      job.reject(asError(error));
    }
    this.#serving = undefined;
  }

  #settle(job: Job, outcome: AnswerOutcome, timeoutMs: number): void {
    const failure = this.#failureOf(job, outcome, timeoutMs);
    if (outcome.kind === 'answer' && !failure) return job.resolve(this.#take(job, outcome));
    this.#wire.owe(job.asks);
    job.reject(failure ?? new RangeError('an answer that failed without a failure'));
  }

  #take(job: Job, { answer, tookMs, atFirstLook }: Extract<AnswerOutcome, { kind: 'answer' }>): Uint8Array {
    this.#wire.answered();
    job.unit.answerTime.answered(tookMs, atFirstLook);
    job.unit.counters.latency.add(tookMs);
    this.#count(job, answer.exception === undefined ? 'ok' : 'exceptions');
    return answer.frame;
  }

  #failureOf(job: Job, outcome: AnswerOutcome, timeoutMs: number): Error | undefined {
    const { asks, unit } = job;
    const { analyser } = job.question;
    if (outcome.kind === 'given-up') return outcome.error;
    if (outcome.kind === 'answer') {
      this.counters.strayBytes += outcome.strayBytes;
      const isAmbiguous = outcome.answer.exception !== undefined && this.#wire.owed.isAny(this.#options.nowMs(), asks);
      return isAmbiguous ? this.#malformed(job, 'an exception that may answer an earlier question') : undefined;
    }
    unit.answerTime.gaveUp();
    this.counters.strayBytes += outcome.received.length;
    if (outcome.received.length > 0) {
      const mismatch = explainMismatch(outcome.received, asks);
      if (mismatch === 'crc') this.#count(job, 'crc');
      return this.#malformed(job, MISMATCH_TEXT[mismatch]);
    }
    if (this.#wire.droppedWhy !== undefined) return this.#malformed(job, this.#wire.droppedWhy);
    this.#count(job, 'timeouts');
    return new FarolaError('meter-timeout', { analyser, unit: asks.unit, timeoutMs: Math.round(timeoutMs) });
  }

  #malformed(job: Job, reason: string): FarolaError {
    this.#count(job, 'malformed');
    return new FarolaError('meter-malformed', { analyser: job.question.analyser, unit: job.asks.unit, reason });
  }

  #count({ unit }: Job, counter: keyof QuestionCounters): void {
    this.counters[counter]++;
    unit.counters[counter]++;
  }

  #unitOf(unit: number): LineUnit {
    const known = this.#units.get(unit);
    if (known) return known;
    const made = new LineUnit(this.#options.units?.get(unit) ?? UNKNOWN_UNIT, this.#options.timing.timeoutMs);
    this.#units.set(unit, made);
    return made;
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
