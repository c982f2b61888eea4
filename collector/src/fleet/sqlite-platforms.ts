import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { PlatformJudgement, Platforms } from './platforms.js';

interface JudgementColumns {
  readonly platform_hash: Uint8Array;
  readonly verdict: PlatformJudgement['verdict'];
  readonly judged_at_ms: number;
  readonly reason: string;
  readonly judged_by: string;
}

/** What was decided about platform hashes, in `state.db`. */
export class SqlitePlatforms implements Platforms {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  judge({ platformHash, verdict, atMs, reason, by }: PlatformJudgement): void {
    const insert = this.#db.prepare<[Uint8Array, string, number, string, string]>(
      'INSERT INTO platform_judgements (platform_hash, verdict, judged_at_ms, reason, judged_by) VALUES (?, ?, ?, ?, ?)',
    );
    onStore(this.#db.name, () => insert.run(platformHash, verdict, atMs, reason, by));
  }

  all(): readonly PlatformJudgement[] {
    const rows = onStore(this.#db.name, () =>
      this.#db.prepare<[], JudgementColumns>('SELECT * FROM platform_judgements ORDER BY judgement_no').all(),
    );
    return rows.map(({ platform_hash, verdict, judged_at_ms, reason, judged_by }) => ({
      platformHash: new Uint8Array(platform_hash),
      verdict,
      atMs: judged_at_ms,
      reason,
      by: judged_by,
    }));
  }
}
