import type { PlatformJudgement, Platforms } from '@farola/collector/fleet/platforms.js';

/** Judgements that are forgotten. */
export class MemoryPlatforms implements Platforms {
  readonly #made: PlatformJudgement[] = [];

  judge(judgement: PlatformJudgement): void {
    this.#made.push(judgement);
  }

  all(): readonly PlatformJudgement[] {
    return [...this.#made];
  }
}
