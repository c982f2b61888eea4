import { toHex } from '@farola/shared';
import type { PlatformFact } from './derived-state.js';
import type { PlatformJudgement } from './platforms.js';

/** What is thought of what an LCU runs on, at the moment of asking. */
export interface PlatformMark {
  readonly mark: 'approved' | 'unknown' | 'revoked' | 'unmeasured';
  /** What was said when it was approved, or why it was revoked. */
  readonly reason?: string;
}

/** A platform hash that was judged, or that LCUs run on. */
export interface BookedPlatform extends PlatformMark {
  readonly platformHash: Uint8Array;
  /** The judgement that holds; undefined when nobody made one. */
  readonly judgement: PlatformJudgement | undefined;
  /** How many LCUs told it last. */
  readonly lcus: number;
}

/** Every platform hash that is known, and what is thought of it: the last judgement holds. */
export class PlatformBook {
  readonly entries: readonly BookedPlatform[];
  readonly #byHash: ReadonlyMap<string, BookedPlatform>;

  /**
   * @param judgements oldest first
   * @param told what each LCU told last
   */
  constructor(judgements: readonly PlatformJudgement[], told: readonly Pick<PlatformFact, 'hash'>[] = []) {
    const last = new Map(judgements.map((one) => [toHex(one.platformHash), one]));
    const lcus = new Map<string, number>();
    for (const { hash } of told) if (hash) lcus.set(toHex(hash), (lcus.get(toHex(hash)) ?? 0) + 1);
    const hashes = new Map([...last.values()].map(({ platformHash }) => [toHex(platformHash), platformHash]));
    for (const { hash } of told) if (hash) hashes.set(toHex(hash), hash);
    this.entries = [...hashes].map(([hex, platformHash]) => {
      const judgement = last.get(hex);
      return { platformHash, judgement, lcus: lcus.get(hex) ?? 0, ...markOf(judgement) };
    });
    this.#byHash = new Map(this.entries.map((entry) => [toHex(entry.platformHash), entry]));
  }

  /** What is thought of a platform hash; null is one that the LCU did not tell. */
  mark(hash: Uint8Array | null): PlatformMark {
    if (hash === null) return { mark: 'unmeasured' };
    return markOf(this.#byHash.get(toHex(hash))?.judgement);
  }

  /** Those whose hexadecimal hash begins so. */
  beginning(digits: string): readonly BookedPlatform[] {
    return this.entries.filter(({ platformHash }) => toHex(platformHash).startsWith(digits.toLowerCase()));
  }
}

function markOf(judgement: PlatformJudgement | undefined): PlatformMark {
  if (!judgement) return { mark: 'unknown' };
  const { verdict, reason } = judgement;
  return { mark: verdict, ...(reason === '' ? {} : { reason }) };
}
