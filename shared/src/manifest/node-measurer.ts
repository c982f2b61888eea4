import { FarolaError } from '../errors.js';
import type { MeasureRequest } from './measure-request.js';
import type { Measured, Measurer, PlatformRequest } from './measurer.js';
import { MeasuringThread } from './measuring-thread.js';

/** A request that waits, and who asked. */
interface Asked {
  readonly request: MeasureRequest;
  readonly resolve: (measured: Measured) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Measures in a thread of its own, which is there while there is something to measure: an idle one would hold a heap of
 * V8's all the time (docs/decisions/037-small-agent.md). What it knows of earlier measurements is kept for the next one; a
 * thread that ends by itself fails what it was asked last, and its successor knows what it had begun with.
 */
export function nodeMeasurer(): Measurer {
  return new NodeMeasurer();
}

class NodeMeasurer implements Measurer {
  readonly #waiting: Asked[] = [];
  #thread: MeasuringThread | undefined;
  #memory: Uint8Array | undefined;

  tree(root: string): Promise<Measured> {
    return this.#ask({ do: 'tree', root });
  }

  platform(of: PlatformRequest): Promise<Measured> {
    return this.#ask({ do: 'platform', of });
  }

  async close(): Promise<void> {
    this.#fail('the measurer was closed');
    await this.#thread?.kill();
  }

  #ask(request: MeasureRequest): Promise<Measured> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (!this.#thread) void this.#work();
    });
  }

  /** Has one thread after the other measure until nobody waits. */
  async #work(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#thread = new MeasuringThread(this.#memory);
        await this.#serve(this.#thread);
        this.#memory = (await this.#thread.end()) ?? this.#memory;
      }
    } catch (error) {
      this.#fail(`no thread can be started: ${String(error)}`);
    } finally {
      this.#thread = undefined;
    }
  }

  #fail(reason: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new FarolaError('internal', { reason }));
  }

  async #serve(thread: MeasuringThread): Promise<void> {
    while (thread.runs) {
      const one = this.#waiting.shift();
      if (!one) return;
      await thread.measure(one.request).then(one.resolve, one.reject);
    }
  }
}
