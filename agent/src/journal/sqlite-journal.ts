import { closeSync, openSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { chainNext, chainSeed, encodeEntry, FarolaError, LIMITS } from '@farola/shared';
import type { Ack, Clock, GapRecord, KnownEntry, OpenEpoch, Random, Want } from '@farola/shared';
import type { EpochState } from './epoch-state.js';
import type { Disagreement, EpochStart, Journal, JournalSize, Selection } from './journal.js';
import { judgeAck } from './judge-ack.js';
import { selectRange } from './select-range.js';
import { gapsOf, openEpochOf, SqliteEpochs } from './sqlite-epochs.js';
import { type Evicted, SqliteEviction } from './sqlite-eviction.js';
import { failureOf, onDisk, sqliteCodeOf } from './sqlite-failure.js';
import { type FileLock, lockFile } from './sqlite-lock.js';
import { adoptJournal, prepareForWriting } from './sqlite-schema.js';
import { checkTail, TAIL_ENTRIES } from './tail-check.js';

/** Where a journal lies and what it works with. */
export interface SqliteJournalOptions {
  /** Path of the database file; its folder must exist. */
  readonly path: string;
  readonly lcuId: string;
  /** Room that it may take, bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly random: Random;
}

const EPOCH_BYTES = 8;
const OWNER_ONLY = 0o600;

/**
 * Opens the journal of an LCU, a new one when there is none, for this process alone.
 * @throws FarolaError `already-running`, `journal-corrupt`, `disk-failure`, `permission-denied`
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const { default: Database } = await import('better-sqlite3');
  createPrivately(options.path);
  const lock = lockFile(Database, options.path);
  try {
    return onDisk(options.path, () => openLocked(new Database(options.path), options, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openLocked(db: BetterSqlite3.Database, options: SqliteJournalOptions, lock: FileLock): Journal {
  try {
    prepareForWriting(db);
    adoptJournal(db, options.path, options.lcuId);
    return new SqliteJournal(db, options, lock);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Creates the file before SQLite does, since its companions take over its mode. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'a', OWNER_ONLY));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    if (denied) throw new FarolaError('permission-denied', { path, remedy: 'run this as the user farola' }, { cause: error });
    throw new FarolaError('disk-failure', { path, reason }, { cause: error });
  }
}

class SqliteJournal implements Journal {
  readonly #db: BetterSqlite3.Database;
  readonly #options: SqliteJournalOptions;
  readonly #lock: FileLock;
  readonly #epochs: SqliteEpochs;
  readonly #eviction: SqliteEviction;
  #present: EpochState | undefined;

  constructor(db: BetterSqlite3.Database, options: SqliteJournalOptions, lock: FileLock) {
    this.#db = db;
    this.#options = options;
    this.#lock = lock;
    this.#epochs = new SqliteEpochs(db, options.path);
    this.#eviction = new SqliteEviction(db, this.#epochs, options.maxBytes);
    this.#checkTail();
  }

  get epoch(): Uint8Array {
    return this.#now().epoch;
  }

  beginEpoch(start: EpochStart): void {
    const { lcuId, random, clock } = this.#options;
    this.#commit(() => {
      const before = this.#epochs.newest();
      let epoch = random.bytes(EPOCH_BYTES);
      while (this.#epochs.find(epoch)) epoch = random.bytes(EPOCH_BYTES);
      this.#epochs.begin(epoch, chainSeed(lcuId, epoch));
      this.#present = this.#epochs.newest();
      const previous = before ? { epoch: before.epoch, n: before.last, head: before.head } : null;
      this.#add({ kind: 'start', at: clock.now(), previous, ...start });
      this.#epochs.removeSpent(this.#now().id);
    });
  }

  append(entry: KnownEntry): number {
    this.#now();
    const work = (): number => {
      const n = this.#add(entry);
      this.#recordEvicted(this.#eviction.makeRoom(this.#now().id));
      return n;
    };
    try {
      return this.#commit(work);
    } catch (error) {
      if (!(error instanceof FarolaError) || sqliteCodeOf(error.cause) !== 'SQLITE_FULL') throw error;
      this.#commit(() => this.#recordEvicted(this.#eviction.evictBatch(this.#now().id) ?? []));
      return this.#commit(work);
    }
  }

  applyAcks(acks: readonly Ack[]): readonly Disagreement[] {
    this.#now();
    return this.#commit(() => acks.flatMap((ack) => this.#applyAck(ack)));
  }

  select(want: Want): Selection {
    const present = this.#now();
    return onDisk(this.#options.path, () =>
      selectRange(want, {
        present,
        find: (epoch) => this.#epochs.find(epoch),
        read: (epoch, after, before, order) => this.#epochs.read(epoch, after, before, order),
        headAt: (epoch, n) => this.#epochs.headAt(epoch, n),
      }),
    );
  }

  openEpochs(): readonly OpenEpoch[] {
    return this.#open().map(openEpochOf);
  }

  gaps(): readonly GapRecord[] {
    return this.#open().flatMap(gapsOf);
  }

  size(): JournalSize {
    return onDisk(this.#options.path, () => ({ backlog: this.#epochs.backlog(), bytes: this.#eviction.usedBytes() }));
  }

  close(): void {
    this.#db.close();
    this.#lock.release();
  }

  #now(): EpochState {
    if (!this.#present) throw new TypeError('beginEpoch comes first');
    return this.#present;
  }

  #open(): EpochState[] {
    const present = this.#now();
    return onDisk(this.#options.path, () => [...this.#epochs.unacknowledgedBefore(present.id), present]);
  }

  /** Runs work in one transaction. The present epoch is as before when it fails. */
  #commit<T>(work: () => T): T {
    const before = this.#present;
    try {
      return this.#db.transaction(work).immediate();
    } catch (error) {
      this.#present = before;
      throw failureOf(this.#options.path, error);
    }
  }

  /** Adds an entry to the present epoch, within a transaction. */
  #add(entry: KnownEntry): number {
    const bytes = encodeEntry(entry);
    if (bytes.length > LIMITS.entryBytes) {
      throw new FarolaError('entry-too-large', { bytes: bytes.length, limit: LIMITS.entryBytes });
    }
    const present = this.#now();
    const n = present.last + 1;
    const head = chainNext(present.head, bytes);
    this.#epochs.addEntry(present, { n, bytes, head });
    this.#present = { ...present, last: n, head };
    return n;
  }

  #recordEvicted(evicted: readonly Evicted[]): void {
    this.#present = this.#epochs.find(this.#now().epoch);
    for (const { epoch, from, to } of evicted) {
      this.#add({ kind: 'event', at: this.#options.clock.now(), code: 'evicted', facts: [epoch, from, to] });
    }
  }

  #applyAck(ack: Ack): Disagreement[] {
    const [epoch, n, theirs] = ack;
    const state = this.#epochs.find(epoch);
    if (!state) return [];
    const judged = judgeAck(state, ack, (at) => this.#epochs.headAt(state, at));
    if (!judged.agrees) {
      this.#recordDisagreement(state, { epoch, n, theirs });
      return [{ epoch, n, theirs }];
    }
    if (judged.acked !== state.acked || judged.gapClosed) {
      const gap = judged.gapClosed ? { gapFrom: null, gapPrev: null } : {};
      this.#save({ ...state, acked: judged.acked, ...gap });
      if (judged.gapClosed) this.#epochs.removeSpent(this.#now().id);
    }
    return [];
  }

  #recordDisagreement(state: EpochState, { epoch, n, theirs }: Disagreement): void {
    if (state.disagreed === n) return;
    this.#save({ ...state, disagreed: n });
    this.#add({ kind: 'event', at: this.#options.clock.now(), code: 'ack-disagrees', facts: [epoch, n, theirs] });
  }

  #save(state: EpochState): void {
    this.#epochs.save(state);
    if (state.id === this.#now().id) this.#present = state;
  }

  #checkTail(): void {
    const newest = this.#epochs.newest();
    if (!newest) return;
    const after = Math.max(newest.floor, newest.last - TAIL_ENTRIES);
    const before = after === newest.floor ? newest.floorHead : this.#epochs.headAt(newest, after);
    checkTail(this.#options.path, newest, before, [...this.#epochs.read(newest, after, newest.last + 1, 'ascending')]);
  }
}
