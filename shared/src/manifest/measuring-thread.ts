import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FarolaError } from '../errors.js';
import { MEASURE_END, type MeasureReply, type MeasureRequest } from './measure-request.js';
import type { Measured } from './measurer.js';

/** A tree of a thousand files takes a tenth of it; a foreign one must not take the memory of the board. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

/** One run of node-measure-thread.ts. One request at a time. */
export class MeasuringThread {
  readonly #worker: Worker;
  readonly #ended: Promise<FarolaError>;
  #runs = true;

  /** @param memory of the thread before it */
  constructor(memory: Uint8Array | undefined) {
    const module = new URL('./node-measure-thread.js', import.meta.url);
    this.#worker = new Worker(module, { workerData: memory, resourceLimits: LIMITS, env: {}, execArgv: [] });
    let reason = 'the measuring thread ended';
    this.#worker.on('error', (error) => (reason = String(error)));
    this.#ended = once(this.#worker, 'exit').then(() => {
      this.#runs = false;
      return new FarolaError('internal', { reason });
    });
  }

  /** False once it ended, however that came. */
  get runs(): boolean {
    return this.#runs;
  }

  /** Errors: what the measurement throws; `internal` when the thread ended. */
  async measure(request: MeasureRequest): Promise<Measured> {
    const reply = await this.#ask<MeasureReply>(request);
    if (reply.ok) return reply.measured;
    throw new FarolaError(reply.code, reply.facts);
  }

  /** Ends it in order; gives what the next one is to know, undefined when it ended otherwise. */
  async end(): Promise<Uint8Array | undefined> {
    const memory = this.#ask<Uint8Array>(MEASURE_END).catch(() => undefined);
    await this.#ended;
    return memory;
  }

  /** Ends it at once: what is asked of it fails. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask<Reply>(message: MeasureRequest | typeof MEASURE_END): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#worker.once('message', resolve);
      void this.#ended.then(reject);
      this.#worker.postMessage(message);
    });
  }
}
