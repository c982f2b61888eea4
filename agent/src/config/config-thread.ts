import { Worker } from 'node:worker_threads';
import { FarolaError } from '@farola/shared';
import type { ConfigReader, WithConfigReader } from './config-reader.js';
import type { ConfigReply, ConfigRequest } from './config-request.js';

/** Of a configuration as large as one can be it takes a tenth; a hostile one must not take the memory of the board. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

/**
 * Reads in a thread that is there for as long as the work takes: what reads YAML and judges by schemas takes 3 MB of a heap, and an agent that
 * runs needs it no more (docs/decisions/052-run-by-itself.md). What the reader gives is a copy.
 * @throws FarolaError what the work throws; `internal` when no thread can be started, or it ended
 */
export const inConfigThread: WithConfigReader = async (work) => {
  const thread = new ConfigThread();
  try {
    return await work(thread);
  } finally {
    await thread.end();
  }
};

/** One run of node-config-thread.ts. */
class ConfigThread implements ConfigReader {
  readonly #worker: Worker;
  readonly #ended: Promise<FarolaError>;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    const module = new URL('./node-config-thread.js', import.meta.url);
    this.#worker = new Worker(module, { resourceLimits: LIMITS, env: {}, execArgv: [] });
    let reason = 'the thread that reads the configuration ended';
    this.#worker.on('error', (error) => (reason = String(error)));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve(new FarolaError('internal', { reason })));
    });
  }

  load(...of: Parameters<ConfigReader['load']>): ReturnType<ConfigReader['load']> {
    return this.#ask({ do: 'load', with: of }) as ReturnType<ConfigReader['load']>;
  }

  check(...of: Parameters<ConfigReader['check']>): Promise<void> {
    return this.#ask({ do: 'check', with: of }) as Promise<void>;
  }

  shippedProfiles(): ReturnType<ConfigReader['shippedProfiles']> {
    return this.#ask({ do: 'shippedProfiles', with: [] }) as ReturnType<ConfigReader['shippedProfiles']>;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** One after the other, so that each answer is that to its question. */
  #ask(request: ConfigRequest): Promise<unknown> {
    const asked = this.#last.then(() => this.#answerTo(request));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  async #answerTo(request: ConfigRequest): Promise<unknown> {
    const answer = new Promise<ConfigReply>((resolve, reject) => {
      this.#worker.once('message', resolve);
      void this.#ended.then(reject);
    });
    this.#worker.postMessage(request);
    const reply = await answer;
    if (reply.ok) return reply.value;
    throw new FarolaError(reply.code, reply.facts);
  }
}
