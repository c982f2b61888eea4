import { type Clock, refuse, type Result, TokenBucket } from '@farola/shared';

/** Signatures for one address: so many at once, and then one in so many seconds. A collector that dials seldom needs two. */
const OF_ONE = 10;
const ONE_EVERY_S = 5;
/** The same for all addresses together of which no collector has proven itself. */
const OF_ALL = 20;
const ALL_PER_SECOND = 1;
/** Addresses that are counted at a time. */
const MOST_ADDRESSES = 64;

/**
 * How often an LCU that listens signs for who has not proven to be its collector: hellos and keys statements can be
 * recorded and replayed, and a signature takes a thread, and time that others wait for. The address whose connection was
 * the last to prove itself counts alone, so that strangers do not keep its collector out.
 */
export class HelloBudget {
  readonly #clock: Clock;
  readonly #all: TokenBucket;
  readonly #addresses = new Map<string, TokenBucket>();
  #proven: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new TokenBucket(OF_ALL, ALL_PER_SECOND, clock.now().monoMs);
  }

  /** Takes one signature for this address, if it may have it. Code: `hellos-too-fast`. */
  take(address: string): Result<undefined> {
    const { monoMs } = this.#clock.now();
    const own = this.#addresses.get(address) ?? this.#newAddress(address, monoMs);
    if (!own?.take(monoMs)) return refuse('hellos-too-fast', { address, most: OF_ONE, seconds: OF_ONE * ONE_EVERY_S });
    if (address === this.#proven || this.#all.take(monoMs)) return { ok: true, value: undefined };
    return refuse('hellos-too-fast', { address: 'all addresses', most: OF_ALL, seconds: OF_ALL / ALL_PER_SECOND });
  }

  /** A connection from this address has proven to be the collector's, by what nobody can replay. */
  prove(address: string): void {
    this.#proven = address;
  }

  /** Undefined when too many are counted. */
  #newAddress(address: string, monoMs: number): TokenBucket | undefined {
    if (this.#addresses.size >= MOST_ADDRESSES) {
      for (const [other, bucket] of this.#addresses) if (bucket.isFull(monoMs)) this.#addresses.delete(other);
    }
    if (this.#addresses.size >= MOST_ADDRESSES && address !== this.#proven) return undefined;
    const bucket = new TokenBucket(OF_ONE, 1 / ONE_EVERY_S, monoMs);
    this.#addresses.set(address, bucket);
    return bucket;
  }
}
