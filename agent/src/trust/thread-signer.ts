import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type AsyncSigner, FarolaError, kidOf } from '@farola/shared';
import type { SignRequest } from './sign-request.js';

/** Length of the seed of an Ed25519 key, bytes (RFC 8032 section 5.1.5). */
export const SEED_BYTES = 32;
/** Signatures that wait for each other; a collector in good order asks for one at a time. */
const MOST_WAITING = 64;
/** A signature takes a few; what goes wrong in it must not take the memory of the board. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

/**
 * A signer whose key is made from this seed, by tweetnacl, in a thread that is there while something is to be signed: without
 * V8's optimising compiler, whose code and data would take 7 MB, a signature takes 30 ms and more, and the loop times Modbus
 * (docs/decisions/042-signing-thread.md). RangeError for a seed of another length.
 * @throws FarolaError `internal` when no thread can be started
 */
export async function threadSigner(seed: Uint8Array): Promise<AsyncSigner> {
  if (seed.length !== SEED_BYTES) throw new RangeError(`seed of ${seed.length} bytes`);
  const threads = new SigningThreads();
  const publicKey = await threads.ask({ do: 'publicKey', seed });
  const secretKey = new Uint8Array([...seed, ...publicKey]);
  return { publicKey, kid: kidOf(publicKey), sign: (message) => threads.ask({ do: 'sign', secretKey, message }) };
}

/** One thread after the other, each for as long as somebody waits; one request at a time. */
class SigningThreads {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  #thread: Worker | undefined;

  ask(request: SignRequest): Promise<Uint8Array> {
    if (this.#waiting >= MOST_WAITING) return Promise.reject(failure(`${MOST_WAITING} signatures wait already`));
    this.#waiting++;
    const asked = this.#last.then(() => this.#serve(request));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  async #serve(request: SignRequest): Promise<Uint8Array> {
    try {
      return await answerOf((this.#thread ??= newThread()), request);
    } catch (error) {
      this.#thread = undefined;
      throw failure(String(error));
    } finally {
      if (--this.#waiting === 0) this.#end();
    }
  }

  #end(): void {
    void this.#thread?.terminate();
    this.#thread = undefined;
  }
}

function newThread(): Worker {
  return new Worker(new URL('./node-sign-thread.js', import.meta.url), { resourceLimits: LIMITS, env: {}, execArgv: [] });
}

async function answerOf(thread: Worker, request: SignRequest): Promise<Uint8Array> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = once(thread, 'exit', { signal }).then((): never => {
    throw new Error('the signing thread ended');
  });
  const message = once(thread, 'message', { signal }) as Promise<[Uint8Array]>;
  thread.postMessage(request);
  try {
    return (await Promise.race([message, ended]))[0];
  } finally {
    answered.abort();
  }
}

function failure(reason: string): FarolaError {
  return new FarolaError('internal', { reason });
}
