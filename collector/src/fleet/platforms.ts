/** What a person decided about a platform hash. The last on a hash holds; all are kept. */
export interface PlatformJudgement {
  /** 32 bytes. */
  readonly platformHash: Uint8Array;
  readonly verdict: 'approved' | 'revoked';
  /** Wall time, ms since 1970 UTC. */
  readonly atMs: number;
  /** Why, or what it is, such as `Raspberry Pi OS of November`. */
  readonly reason: string;
  /** The person. */
  readonly by: string;
}

/**
 * Port: what was decided about platform hashes. Any number of processes; each method is one transaction, durable when it
 * returns. Errors: `disk-failure`, `ledger-corrupt`.
 */
export interface Platforms {
  judge(judgement: PlatformJudgement): void;
  /** Every judgement that was ever made, oldest first. */
  all(): readonly PlatformJudgement[];
}
