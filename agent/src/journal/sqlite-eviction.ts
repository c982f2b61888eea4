import type BetterSqlite3 from 'better-sqlite3';
import { boundsOf, type JournalBounds, type LookAtDisk } from './disk-room.js';
import type { EpochState } from './epoch-state.js';
import type { SqliteDamage } from './sqlite-damage.js';
import type { SqliteEpochs } from './sqlite-epochs.js';

/** Entries that went without an ack. */
export interface Evicted {
  readonly epoch: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Most batches that one append waits for: a journal that was given less room shrinks over several appends. */
const BATCHES_PER_APPEND = 32;

/** Entries that go at once, so that an offline LCU does not record an eviction with each sample. */
const BATCH = 256;

/** Makes room in the journal; whoever calls holds the transaction. */
export class SqliteEviction {
  readonly #epochs: SqliteEpochs;
  readonly #damage: SqliteDamage;
  readonly #maxBytes: number;
  readonly #lookAtDisk: LookAtDisk;
  readonly #used;
  readonly #file;
  readonly #oldestReleasable;
  readonly #oldestFilled;

  constructor(db: BetterSqlite3.Database, epochs: SqliteEpochs, damage: SqliteDamage, maxBytes: number, lookAtDisk: LookAtDisk) {
    this.#epochs = epochs;
    this.#damage = damage;
    this.#maxBytes = maxBytes;
    this.#lookAtDisk = lookAtDisk;
    this.#file = db.prepare<[], number>('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size').pluck();
    this.#used = db
      .prepare<[], number>(
        'SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
      )
      .pluck();
    const oldest = 'SELECT epoch FROM epoch e WHERE';
    this.#oldestReleasable = db.prepare<[], Uint8Array>(`${oldest} acked > floor ORDER BY id LIMIT 1`).pluck();
    this.#oldestFilled = db
      .prepare<[], Uint8Array>(`${oldest} EXISTS (SELECT 1 FROM entry WHERE epoch_id = e.id) ORDER BY id LIMIT 1`)
      .pluck();
  }

  /** Room in use, bytes. */
  usedBytes(): number {
    return this.#used.get() ?? 0;
  }

  /** The bounds of the journal as its disk is now. */
  bounds(): JournalBounds {
    return boundsOf(this.#maxBytes, this.#file.get() ?? 0, this.#lookAtDisk());
  }

  /** Lets entries go while the journal takes more room than it may; tells those that were not acknowledged. */
  makeRoom(presentId: number, bounds: JournalBounds): Evicted[] {
    const evicted: Evicted[] = [];
    for (let batch = 0; batch < BATCHES_PER_APPEND && this.usedBytes() > bounds.acknowledged; batch++) {
      if (this.#releaseBatch() > 0) {
        this.#epochs.removeSpent(presentId);
        continue;
      }
      if (this.usedBytes() <= bounds.any) break;
      const lost = this.#loseBatch();
      if (lost.length === 0) break;
      evicted.push(...lost);
    }
    return evicted;
  }

  /**
   * Lets the oldest acknowledged entries go; when there is none, the oldest of all. Tells those that were not
   * acknowledged; undefined when nothing is left to go.
   */
  evictBatch(): Evicted[] | undefined {
    if (this.#releaseBatch() > 0) return [];
    const lost = this.#loseBatch();
    return lost.length === 0 ? undefined : lost;
  }

  #releaseBatch(): number {
    return this.#each(this.#oldestReleasable, (epoch, room) => this.#release(epoch, room));
  }

  #loseBatch(): Evicted[] {
    const evicted: Evicted[] = [];
    this.#each(this.#oldestFilled, (epoch, room) => {
      if (epoch.last === epoch.floor) return 1;
      const lost = this.#lose(epoch, room);
      evicted.push(lost);
      return lost.to - lost.from + 1;
    });
    return evicted;
  }

  /** Goes from the oldest epoch on until a batch has gone; returns how many entries went. Nothing goes beyond an end that is not proven. */
  #each(oldest: BetterSqlite3.Statement<[], Uint8Array>, take: (epoch: EpochState, room: number) => number): number {
    let room = BATCH;
    while (room > 0) {
      const epoch = oldest.get();
      const state = epoch && this.#epochs.find(epoch);
      if (!state) break;
      room -= take(this.#damage.withProvenEnd(state), room);
    }
    return BATCH - room;
  }

  /** Damage around the last acknowledged entry may reach beyond it: what was not acknowledged of it is told as a gap. */
  #release(epoch: EpochState, room: number): number {
    const { n, head } = this.#damage.headAt(epoch, Math.min(epoch.acked, epoch.floor + room));
    const beyond = n > epoch.acked ? this.#damage.spans(epoch).find(({ to }) => to === n) : undefined;
    const gap = beyond && { gapFrom: epoch.gapFrom ?? beyond.from, gapPrev: epoch.gapPrev ?? beyond.prev };
    this.#drop(epoch, { ...epoch, ...gap, floor: n, floorHead: head, acked: Math.max(n, epoch.acked) });
    return Math.max(1, n - epoch.floor);
  }

  #lose(epoch: EpochState, room: number): Evicted {
    const from = epoch.floor + 1;
    const { n, head } = this.#damage.headAt(epoch, Math.min(epoch.last, epoch.floor + room));
    const gapFrom = epoch.gapFrom ?? from;
    const gapPrev = epoch.gapPrev ?? epoch.floorHead;
    this.#drop(epoch, { ...epoch, floor: n, floorHead: head, acked: n, gapFrom, gapPrev });
    return { epoch: epoch.epoch, from, to: n };
  }

  #drop(epoch: EpochState, left: EpochState): void {
    this.#epochs.removeEntries(epoch, left.floor);
    this.#damage.forget(epoch, left.floor);
    this.#epochs.save(left);
  }
}
