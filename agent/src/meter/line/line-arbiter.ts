import { FarolaError, pause } from '@farola/shared';
import type { Clock, Timer, Timers } from '@farola/shared';
import type { ByteTransport, TransportEvents } from './byte-transport.js';
import { ExpectedAnswers } from './expected-answers.js';
import { zeroCounters } from './line-counters.js';
import type { LineCounters } from './line-counters.js';
import { OpeningWait } from './opening-wait.js';
import { MISMATCH_TEXT, answerLength, explainMismatch, findAnswer, parseReadRequest, withoutEcho } from './rtu-frame.js';
import type { Answer, ReadRequest } from './rtu-frame.js';

/** After a failure the line must be silent for this share of a timeout. */
const SILENCE_SHARE = 1 / 4;
/** A line that has not fallen silent in this many timeouts is reopened. */
const TIMEOUTS_OF_NOISE = 3;
/** An answer given up is feared for this many timeouts more; a question of the same shape waits as long. */
const TIMEOUTS_OF_FEAR = 3;
/** Bytes kept while waiting for an answer: a question's echo, an answer, and as much noise. */
const RECEIVED_LIMIT = 1_024;

/** How a line is driven. */
export interface LineOptions {
  /** Name of the line, for messages. */
  readonly line: string;
  readonly transport: ByteTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Time that an analyser may take to answer, beside the time of the bytes on the wire. */
  readonly timeoutMs: number;
  /** Silence before each question. */
  readonly gapMs: number;
  /** Time of one byte on the wire; 0 when it is not known, as behind a gateway. */
  readonly byteMs: number;
}

/** One question to one analyser. */
export interface LineQuestion {
  /** Name of the analyser, for messages. */
  readonly analyser: string;
  /** Whole RTU frame of a read request. */
  readonly request: Uint8Array;
}

interface Job extends LineQuestion {
  readonly asks: ReadRequest;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

interface InFlight {
  readonly asks: ReadRequest;
  readonly found: (answer: Answer) => void;
  readonly lost: (error: FarolaError) => void;
}

/**
 * The one owner of a physical line. Questions are served in the order they came, one at a time. RTU answers do not name
 * the registers they carry, so a late answer looks like the answer to the next question of the same shape. Hence:
 * before each question the line has been silent for the gap, after a failure for longer; a shape whose answer is still
 * feared is not asked; and a line that does not fall silent is reopened, as is one behind a gateway after each failure. A
 * transport that tells answers apart by itself, as Modbus TCP does, needs none of this after a failure.
 */
export class LineArbiter {
  readonly counters: LineCounters = zeroCounters();
  readonly #options: LineOptions;
  readonly #queue: Job[] = [];
  readonly #feared = new ExpectedAnswers();
  readonly #openingWait = new OpeningWait();
  #working = false;
  #closed = false;
  #open = false;
  /** Counts openings, so that what an earlier opening still reports is dropped. */
  #opening = 0;
  #inFlight: InFlight | undefined;
  #received: Uint8Array = new Uint8Array();
  #lastTrafficMs: number;
  /** When the line became suspect: bytes may come that answer nothing. undefined while it is clean. */
  #suspectSinceMs: number | undefined;
  /** Whether a question was given up whose answer a gateway may hold back. */
  #isStale = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#lastTrafficMs = options.clock.now().monoMs - options.gapMs;
  }

  /**
   * Asks one question and answers with the whole frame that fits it, an exception frame included. Any number of callers.
   * @throws FarolaError `modbus-write-refused` for anything but a read; `meter-timeout`, `meter-malformed`;
   * `line-unavailable`, `permission-denied` or `port-in-use` when the line cannot be opened; the reason of the signal
   */
  async exchange(question: LineQuestion, signal?: AbortSignal): Promise<Uint8Array> {
    const asks = parseReadRequest(question.request);
    signal?.throwIfAborted();
    if (this.#closed) throw this.#unavailable('closed');
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...question, asks, signal, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  /** Refuses what waits and releases the line. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#open = false;
    this.#opening++;
    this.#inFlight?.lost(this.#unavailable('closed'));
    await this.#options.transport.close();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      await this.#serve(job).then(job.resolve, job.reject);
    }
    this.#working = false;
  }

  async #serve(job: Job): Promise<Uint8Array> {
    await this.#ensureOpen();
    if (this.#isStale) await this.#reopen();
    await this.#waitForSilence(job);
    return this.#ask(job);
  }

  async #ensureOpen(): Promise<void> {
    if (this.#closed) throw this.#unavailable('closed');
    if (this.#open) return;
    this.#openingWait.check(this.#nowMs());
    const opening = ++this.#opening;
    try {
      await this.#options.transport.open(this.#eventsOf(opening));
    } catch (error) {
      this.counters.failedOpens++;
      if (error instanceof FarolaError) this.#openingWait.failed(error, this.#nowMs());
      throw error;
    }
    if (opening !== this.#opening) {
      await this.#options.transport.close();
      throw this.#unavailable('closed');
    }
    this.#open = true;
    this.#isStale = false;
    this.#openingWait.over();
    this.counters.opened++;
  }

  #eventsOf(opening: number): TransportEvents {
    return {
      onBytes: (bytes) => {
        if (opening === this.#opening) this.#take(bytes);
      },
      onLate: () => {
        if (opening === this.#opening) this.counters.lateAnswers++;
      },
      onLost: (reason) => {
        if (opening !== this.#opening) return;
        this.#open = false;
        this.#suspect();
        this.#inFlight?.lost(this.#unavailable(reason));
      },
    };
  }

  /** Waits until nothing that is still on its way can be taken for the answer to this question. */
  async #waitForSilence(job: Job): Promise<void> {
    const { gapMs, timeoutMs, timers } = this.#options;
    let reopened = false;
    for (;;) {
      job.signal?.throwIfAborted();
      if (!this.#open) throw this.#unavailable('lost while waiting for silence');
      const nowMs = this.#nowMs();
      const silenceMs = this.#suspectSinceMs === undefined ? gapMs : Math.max(gapMs, timeoutMs * SILENCE_SHARE);
      const quietAtMs = this.#lastTrafficMs + silenceMs;
      const waitMs = Math.max(quietAtMs, this.#feared.until(job.asks, nowMs)) - nowMs;
      if (waitMs <= 0) break;
      if (quietAtMs > nowMs && this.#isNoisy(nowMs)) {
        if (reopened) throw this.#unavailable('the line does not fall silent');
        await this.#reopen();
        reopened = true;
      } else {
        await pause(timers, Math.min(waitMs, timeoutMs), job.signal);
      }
    }
    this.#suspectSinceMs = undefined;
  }

  #isNoisy(nowMs: number): boolean {
    if (this.#suspectSinceMs === undefined) return false;
    return nowMs - this.#suspectSinceMs > TIMEOUTS_OF_NOISE * this.#options.timeoutMs;
  }

  async #reopen(): Promise<void> {
    this.#open = false;
    this.#opening++;
    await this.#options.transport.close();
    await this.#ensureOpen();
    this.#suspectSinceMs = undefined;
    this.#suspect();
  }

  #ask(job: Job): Promise<Uint8Array> {
    const { transport, timers, timeoutMs, byteMs } = this.#options;
    this.counters.requests++;
    this.#received = new Uint8Array();
    this.#lastTrafficMs = this.#nowMs();
    return new Promise<Uint8Array>((resolve, reject) => {
      const wireMs = Math.ceil(byteMs * (job.request.length + answerLength(job.asks)));
      const end = (): void => {
        timer.cancel();
        job.signal?.removeEventListener('abort', aborted);
        this.#inFlight = undefined;
      };
      const giveUp = (reason: Error): void => {
        end();
        if (!transport.tellsApart) this.#fear(job.asks);
        reject(reason);
      };
      const aborted = (): void => giveUp(reasonOf(job.signal));
      const late = (): void => giveUp(this.#noAnswer(job));
      let timer: Timer = timers.after(timeoutMs + wireMs, () => (timer = afterInput(timers, late)));
      job.signal?.addEventListener('abort', aborted, { once: true });
      this.#inFlight = {
        asks: job.asks,
        lost: giveUp,
        found: (answer) => {
          end();
          this.#count(answer);
          resolve(answer.frame);
        },
      };
      transport.write(job.request);
    });
  }

  /** The answer that was given up may still come. */
  #fear(asks: ReadRequest): void {
    const { transport, timeoutMs } = this.#options;
    this.#feared.add(asks, this.#nowMs() + TIMEOUTS_OF_FEAR * timeoutMs);
    this.#suspect();
    this.#isStale = transport.holdsBack;
  }

  /** Takes what arrived: part of the answer that is waited for, or bytes that nobody asked for. */
  #take(bytes: Uint8Array): void {
    this.#lastTrafficMs = this.#nowMs();
    this.#received = joined(this.#received, bytes);
    this.counters.lateAnswers += this.#feared.settle(this.#received, this.#lastTrafficMs);
    if (!this.#inFlight) {
      this.counters.strayBytes += bytes.length;
      this.#suspect();
      return;
    }
    const answer = findAnswer(this.#received, this.#inFlight.asks);
    if (answer) this.#inFlight.found(answer);
  }

  #count(answer: Answer): void {
    if (answer.exception === undefined) this.counters.ok++;
    else this.counters.exceptions++;
    this.counters.strayBytes += this.#received.length - answer.frame.length;
    if (answer.end < this.#received.length) this.#suspect();
    this.#received = new Uint8Array();
  }

  #noAnswer(job: Job): FarolaError {
    const { analyser, asks } = job;
    const { timeoutMs } = this.#options;
    const received = withoutEcho(this.#received, job.request);
    this.counters.strayBytes += this.#received.length;
    if (received.length === 0) {
      this.counters.timeouts++;
      return new FarolaError('meter-timeout', { analyser, unit: asks.unit, timeoutMs });
    }
    const mismatch = explainMismatch(received, asks);
    this.counters.malformed++;
    if (mismatch === 'crc') this.counters.crc++;
    return new FarolaError('meter-malformed', { analyser, unit: asks.unit, reason: MISMATCH_TEXT[mismatch] });
  }

  #suspect(): void {
    this.#lastTrafficMs = this.#nowMs();
    this.#suspectSinceMs ??= this.#lastTrafficMs;
  }

  #unavailable(reason: string): FarolaError {
    const { line, transport } = this.#options;
    return new FarolaError('line-unavailable', { line, path: transport.address, reason });
  }

  #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}

/**
 * Runs after the input that has already arrived was handed on: a process that was held up sees its timers before its
 * sockets. `cancel` stops it until then.
 */
function afterInput(timers: Timers, run: () => void): Timer {
  let timer = timers.after(0, () => (timer = timers.after(0, run)));
  return { cancel: () => timer.cancel() };
}

function joined(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(before.length + bytes.length);
  both.set(before);
  both.set(bytes, before.length);
  return both.length <= RECEIVED_LIMIT ? both : both.slice(-RECEIVED_LIMIT);
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
