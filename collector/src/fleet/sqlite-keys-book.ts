import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { KeysBook, KeysNote } from './keys-book.js';

interface NoteColumns {
  readonly lcu_no: number;
  readonly sequence: number;
  readonly keys_hash: Uint8Array;
  readonly at_ms: number;
}

/** Which keys statement each LCU goes by, in `state.db`. One that is lost is told again when the LCU connects. */
export class SqliteKeysBook implements KeysBook {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  note({ lcuNo, sequence, keysHash, atMs }: KeysNote): void {
    onStore(this.#db.name, () =>
      this.#db
        .prepare('INSERT OR REPLACE INTO keys_taken (lcu_no, sequence, keys_hash, at_ms) VALUES (?, ?, ?, ?)')
        .run(lcuNo, sequence, keysHash, atMs),
    );
  }

  all(): readonly KeysNote[] {
    const rows = onStore(this.#db.name, () => this.#db.prepare<[], NoteColumns>('SELECT * FROM keys_taken').all());
    return rows.map(({ lcu_no, sequence, keys_hash, at_ms }) => ({
      lcuNo: lcu_no,
      sequence,
      keysHash: new Uint8Array(keys_hash),
      atMs: at_ms,
    }));
  }
}
