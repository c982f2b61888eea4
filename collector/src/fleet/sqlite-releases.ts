import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { Releases, StoredRelease } from './releases.js';
import { changeFleet } from './sqlite-change.js';

interface ReleaseColumns {
  readonly code_hash: Uint8Array;
  readonly file: Uint8Array | null;
  readonly added_at_ms: number;
  readonly revoked_at_ms: number | null;
  readonly revoked_reason: string | null;
}

/** What is said of code hashes, in `state.db`. */
export class SqliteReleases implements Releases {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  put(codeHash: Uint8Array, file: Uint8Array, atMs: number): void {
    changeFleet(this.#db, () => this.#put(codeHash, file, atMs));
  }

  revoke(codeHash: Uint8Array, reason: string, atMs: number, file?: Uint8Array): void {
    const revoke = this.#db.prepare<[{ codeHash: Uint8Array; reason: string; atMs: number }]>(
      `INSERT INTO releases (code_hash, added_at_ms, revoked_at_ms, revoked_reason) VALUES (:codeHash, :atMs, :atMs, :reason)
       ON CONFLICT DO UPDATE SET revoked_at_ms = :atMs, revoked_reason = :reason WHERE revoked_at_ms IS NULL`,
    );
    changeFleet(this.#db, () => {
      if (file) this.#put(codeHash, file, atMs);
      revoke.run({ codeHash, reason, atMs });
    });
  }

  #put(codeHash: Uint8Array, file: Uint8Array, atMs: number): void {
    const put = this.#db.prepare<[Uint8Array, Uint8Array, number]>(
      `INSERT INTO releases (code_hash, file, added_at_ms) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET file = excluded.file, added_at_ms = excluded.added_at_ms`,
    );
    put.run(codeHash, file, atMs);
  }

  all(): readonly StoredRelease[] {
    const rows = onStore(this.#db.name, () =>
      this.#db.prepare<[], ReleaseColumns>('SELECT * FROM releases ORDER BY added_at_ms, code_hash').all(),
    );
    return rows.map(({ code_hash, file, added_at_ms, revoked_at_ms, revoked_reason }) => ({
      codeHash: new Uint8Array(code_hash),
      file: file && new Uint8Array(file),
      addedAtMs: added_at_ms,
      revoked: revoked_at_ms === null ? null : { atMs: revoked_at_ms, reason: revoked_reason ?? '' },
    }));
  }
}
