import { type Clock, refuse, type Result, TokenBucket } from '@farola/shared';
import { addressGroup } from './address-group.js';

/** Bounds for connections that have not proven who they are. LCUs that have are as many as the fleet has. */
export interface StrangerLimits {
  /** Such connections at once, a number. */
  readonly most: number;
  /** The same from one address; many LCUs may be behind one, of a mobile network. */
  readonly mostPerAddress: number;
  /** New connections each second. */
  readonly perSecond: number;
  /** The same from one address. */
  readonly perSecondPerAddress: number;
}

/** Bounds that an ordinary fleet never meets, and under which 5000 LCUs that all come at once are back within a round (docs/limits.md). */
export const STRANGER_LIMITS: StrangerLimits = { most: 1024, mostPerAddress: 256, perSecond: 300, perSecondPerAddress: 100 };

/** A connection that was let in. */
export interface Stranger {
  /** It has proven who it is, or is gone: it counts no more. Twice does nothing. */
  leave(): void;
}

interface Place {
  strangers: number;
  readonly dials: TokenBucket;
}

/** Lets connections in, by how many strangers there are and how fast they come, in all and from each address. */
export class Admission {
  readonly #limits: StrangerLimits;
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  readonly #dials: TokenBucket;
  #strangers = 0;

  constructor(limits: StrangerLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#dials = new TokenBucket(limits.most, limits.perSecond, clock.now().monoMs);
  }

  /** Strangers at present. */
  get strangers(): number {
    return this.#strangers;
  }

  /** Addresses that are kept in memory. */
  get places(): number {
    return this.#places.size;
  }

  /**
   * Whether a new connection from this address is let in. Codes: `strangers-full`, `strangers-too-fast`; the fact
   * `address` says whose bound it was.
   */
  admit(address: string): Result<Stranger> {
    const { most, mostPerAddress, perSecond, perSecondPerAddress } = this.#limits;
    const { monoMs } = this.#clock.now();
    if (this.#strangers >= most) return refuse('strangers-full', { address: 'all addresses', limit: most });
    const group = addressGroup(address);
    const place = this.#places.get(group) ?? this.#newPlace(group, monoMs);
    if (place.strangers >= mostPerAddress) return refuse('strangers-full', { address: group, limit: mostPerAddress });
    if (!place.dials.take(monoMs)) return refuse('strangers-too-fast', { address: group, limit: perSecondPerAddress });
    if (!this.#dials.take(monoMs)) return refuse('strangers-too-fast', { address: 'all addresses', limit: perSecond });
    return { ok: true, value: this.#let(place) };
  }

  #let(place: Place): Stranger {
    let counts = true;
    this.#strangers++;
    place.strangers++;
    return {
      leave: () => {
        if (!counts) return;
        counts = false;
        this.#strangers--;
        place.strangers--;
      },
    };
  }

  #newPlace(group: string, monoMs: number): Place {
    if (this.#places.size >= this.#limits.most * 2) this.#forget(monoMs);
    const { mostPerAddress, perSecondPerAddress } = this.#limits;
    const place = { strangers: 0, dials: new TokenBucket(mostPerAddress, perSecondPerAddress, monoMs) };
    this.#places.set(group, place);
    return place;
  }

  /** Addresses of which nothing is left to count. */
  #forget(monoMs: number): void {
    for (const [group, { strangers, dials }] of this.#places) {
      if (strangers === 0 && dials.isFull(monoMs)) this.#places.delete(group);
    }
  }
}
