import { Worker } from 'node:worker_threads';
import { FarolaError } from '../errors.js';
import type { MeasureReply, MeasureRequest } from './measure-request.js';
import type { Measured, Measurer, PlatformRequest } from './measurer.js';

/** A tree of a thousand files takes a tenth of it; a foreign one must not take the memory of the board. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

type Asked = Readonly<{ resolve: (measured: Measured) => void; reject: (error: FarolaError) => void }>;
/** Without the id, which the measurer gives. */
type Request = MeasureRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** Measures in a thread of its own, which begins with the first request; one that ends by itself is begun anew. */
export function nodeMeasurer(): Measurer {
  return new NodeMeasurer();
}

class NodeMeasurer implements Measurer {
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #lastId = 0;

  tree(root: string): Promise<Measured> {
    return this.#ask({ do: 'tree', root });
  }

  platform(of: PlatformRequest): Promise<Measured> {
    return this.#ask({ do: 'platform', of });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(request: Request): Promise<Measured> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage({ ...request, id });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./node-measure-thread.js', import.meta.url), {
      resourceLimits: LIMITS,
      env: {},
      execArgv: [],
    });
    let reason = 'the measuring thread ended';
    worker.on('message', (reply: MeasureReply) => this.#take(reply));
    worker.on('error', (error) => (reason = String(error)));
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const { reject } of this.#asked.values()) reject(new FarolaError('internal', { reason }));
      this.#asked.clear();
    });
    return worker;
  }

  #take(reply: MeasureReply): void {
    const asked = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    if (reply.ok) asked?.resolve(reply.measured);
    else asked?.reject(new FarolaError(reply.code, reply.facts));
  }
}
