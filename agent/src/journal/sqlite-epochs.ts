import type BetterSqlite3 from 'better-sqlite3';
import { EPOCH_LIST_LIMIT, GAP_REASON } from '@farola/shared';
import type { GapRecord, OpenEpoch } from '@farola/shared';
import type { EpochState, StoredEntry } from './epoch-state.js';

/** An epoch with its last entry, which is `floor` when all are gone. A row below that has a wrong number, and is none. */
const EPOCH = `
  SELECT e.id, e.epoch, e.floor, e.floor_head AS floorHead, e.acked, e.gap_from AS gapFrom, e.gap_prev AS gapPrev, e.disagreed, e.acked + e.owed AS end,
    coalesce((SELECT max(n) FROM entry WHERE epoch_id = e.id AND n > e.floor), e.floor) AS last,
    coalesce((SELECT head FROM entry WHERE epoch_id = e.id AND n > e.floor ORDER BY n DESC LIMIT 1), e.floor_head) AS head
  FROM epoch e`;

/** What the index of epochs that owe something is for, in its own words: SQLite uses it only then. */
const OWING = '(e.owed > 0 OR e.gap_from IS NOT NULL)';

type Row = EpochState;

/** Reads and writes the rows of epochs and entries; whoever calls holds the transaction. */
export class SqliteEpochs {
  readonly #newest;
  readonly #byEpoch;
  readonly #unacknowledged;
  readonly #owedBefore;
  readonly #insert;
  readonly #update;
  readonly #removeSpent;
  readonly #insertEntry;
  readonly #ascending;
  readonly #descending;
  readonly #removeEntries;
  readonly #cutEnd;
  readonly #setHead;
  readonly #rowBefore;
  readonly #next;
  readonly #previous;

  constructor(db: BetterSqlite3.Database) {
    this.#newest = db.prepare<[], Row>(`${EPOCH} ORDER BY e.id DESC LIMIT 1`);
    this.#byEpoch = db.prepare<[Uint8Array], Row>(`${EPOCH} WHERE e.epoch = ?`);
    this.#unacknowledged = db.prepare<[number, number], Row>(`${EPOCH} WHERE e.id < ? AND ${OWING} ORDER BY e.id LIMIT ?`);
    this.#owedBefore = db
      .prepare<[number], number>(`SELECT coalesce(sum(e.owed), 0) FROM epoch e WHERE e.id < ? AND ${OWING}`)
      .pluck();
    this.#insert = db.prepare<[Uint8Array, Uint8Array]>(
      'INSERT INTO epoch (id, epoch, floor, floor_head, acked) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM epoch), ?, 0, ?, 0)',
    );
    this.#update = db.prepare<[Row & { readonly owed: number }]>(
      `UPDATE epoch SET floor = @floor, floor_head = @floorHead, acked = @acked, gap_from = @gapFrom, gap_prev = @gapPrev,
        disagreed = @disagreed, owed = @owed WHERE id = @id`,
    );
    this.#removeSpent = db.prepare<[number]>(
      `DELETE FROM epoch AS e WHERE id < ? AND owed = 0 AND acked = floor AND gap_from IS NULL
        AND NOT EXISTS (SELECT 1 FROM entry WHERE epoch_id = e.id)`,
    );
    this.#insertEntry = db.prepare<[number, number, Uint8Array, Uint8Array]>('INSERT INTO entry VALUES (?, ?, ?, ?)');
    const range = 'SELECT n, bytes, head FROM entry WHERE epoch_id = ? AND n > ? AND n < ? ORDER BY n';
    this.#ascending = db.prepare<[number, number, number], StoredEntry>(range);
    this.#descending = db.prepare<[number, number, number], StoredEntry>(`${range} DESC`);
    this.#removeEntries = db.prepare<[number, number]>('DELETE FROM entry WHERE epoch_id = ? AND n <= ?');
    this.#cutEnd = db.prepare<[number, number]>('DELETE FROM entry WHERE epoch_id = ? AND n > ?');
    this.#setHead = db.prepare<[Uint8Array, number, number]>('UPDATE entry SET head = ? WHERE epoch_id = ? AND n = ?');
    this.#rowBefore = db
      .prepare<[number, number], number | null>('SELECT max(n) FROM entry WHERE epoch_id = ? AND n < ?')
      .pluck();
    this.#next = db.prepare<[number], Row>(`${EPOCH} WHERE e.id > ? ORDER BY e.id LIMIT 1`);
    this.#previous = db.prepare<[number], Row>(`${EPOCH} WHERE e.id < ? ORDER BY e.id DESC LIMIT 1`);
  }

  /** The epoch begun last; undefined in a new journal. */
  newest(): EpochState | undefined {
    return this.#newest.get();
  }

  find(epoch: Uint8Array): EpochState | undefined {
    return this.#byEpoch.get(epoch);
  }

  /** Epochs before the present one that the collector has not all of, oldest first. */
  unacknowledgedBefore(presentId: number): EpochState[] {
    return this.#unacknowledged.all(presentId, EPOCH_LIST_LIMIT - 1);
  }

  /** Entries of all epochs that no ack covers. @param newest the epoch begun last, as memory has it where a program writes it */
  backlog(newest = this.newest()): number {
    return newest ? (this.#owedBefore.get(newest.id) ?? 0) + newest.last - newest.acked : 0;
  }

  /** Begins an epoch after the newest one, which takes no more entries from then on. */
  begin(epoch: Uint8Array, seed: Uint8Array): void {
    const before = this.newest();
    if (before) this.save(before);
    this.#insert.run(epoch, seed);
  }

  save(state: EpochState): void {
    this.#update.run({ ...state, owed: Math.max(0, state.last - state.acked, state.end - state.acked) });
  }

  /** Forgets epochs before the present one of which nothing is left and nothing is owed. */
  removeSpent(presentId: number): void {
    this.#removeSpent.run(presentId);
  }

  addEntry({ id }: EpochState, { n, bytes, head }: StoredEntry): void {
    this.#insertEntry.run(id, n, bytes, head);
  }

  removeEntries({ id }: EpochState, upTo: number): void {
    this.#removeEntries.run(id, upTo);
  }

  /** Forgets the entries after this one, of which nothing can be proven. */
  cutEnd(epoch: EpochState, after: number): void {
    this.#cutEnd.run(epoch.id, after);
    this.save({ ...epoch, last: after, end: after, acked: Math.min(epoch.acked, after) });
  }

  setHead({ id }: EpochState, n: number, head: Uint8Array): void {
    this.#setHead.run(head, id, n);
  }

  /** The epoch that was begun after this one; undefined when there is none, or when it is gone. */
  after({ id }: EpochState): EpochState | undefined {
    return this.#next.get(id);
  }

  /** The epoch that was begun before this one and is not gone; undefined when there is none. */
  before({ id }: EpochState): EpochState | undefined {
    return this.#previous.get(id);
  }

  /** Entries with `after < n < before`, up to the first that is missing. */
  *read(epoch: EpochState, after: number, before: number, order: 'ascending' | 'descending'): Iterable<StoredEntry> {
    const ascending = order === 'ascending';
    let expected = ascending ? after + 1 : before - 1;
    for (const entry of (ascending ? this.#ascending : this.#descending).iterate(epoch.id, after, before)) {
      if (entry.n !== expected) return;
      yield entry;
      expected += ascending ? 1 : -1;
    }
  }

  /** Entries that are stored, from n on; some may be missing. */
  rowsFrom({ id }: EpochState, n: number): Iterable<StoredEntry> {
    return this.#ascending.iterate(id, n - 1, Number.MAX_SAFE_INTEGER);
  }

  /** Number of the last row before n; undefined where there is none. */
  rowBefore({ id }: EpochState, n: number): number | undefined {
    return this.#rowBefore.get(id, n) ?? undefined;
  }

  /** An entry; undefined when its row is missing. */
  rowAt({ id }: EpochState, n: number): StoredEntry | undefined {
    return this.#ascending.get(id, n - 1, n + 1);
  }
}

/** An epoch as answers list it. */
export function openEpochOf({ epoch, floor, last }: EpochState): OpenEpoch {
  return [epoch, floor + 1, last];
}

/** The gap of an epoch as answers carry it; none when nothing went without an ack. */
export function gapsOf({ epoch, floor, floorHead, gapFrom, gapPrev }: EpochState): GapRecord[] {
  return gapFrom === null || gapPrev === null ? [] : [[epoch, gapFrom, floor, gapPrev, floorHead, GAP_REASON.evicted]];
}
