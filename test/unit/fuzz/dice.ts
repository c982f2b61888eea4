/** Values at which readers of numbers go wrong. */
const BOUNDARIES: readonly bigint[] = [
  ...[0n, 1n, 23n, 24n, 31n, 32n, 64n, 255n, 256n, 257n, 4096n, 8191n, 8192n, 8193n, 32_768n, 65_535n, 65_536n],
  ...[31n, 32n, 48n, 53n, 63n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]),
  2n ** 64n - 1n,
];

/** Pseudo-random choices that are the same for the same seed (mulberry32), and cost next to nothing. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `sides - 1`. */
  below(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * sides);
  }

  oneIn(sides: number): boolean {
    return this.below(sides) === 0;
  }

  pick<T>(of: readonly T[]): T {
    if (of.length === 0) throw new RangeError('nothing to pick from');
    return of[this.below(of.length)] as T;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** A number at the edge of something, up to 64 bits. */
  boundary(): bigint {
    return this.pick(BOUNDARIES);
  }
}
