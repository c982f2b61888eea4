import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { chainNext, chainSeed, codeOf, encodeEntry, EPOCH_LIST_LIMIT, FarolaError, LIMITS, sameBytes } from '@farola/shared';
import type { Ack, Cbor, Clock, EventCode, GapRecord, KnownEntry, OpenEpoch, PreviousEpoch, Random, Want } from '@farola/shared';
import type { LookAtDisk } from './disk-room.js';
import type { EpochState } from './epoch-state.js';
import { fsDiskRoom } from './fs-disk-room.js';
import type { Disagreement, EpochStart, Journal, JournalSize, Selection, SetAside } from './journal.js';
import { pastSamples, type PastSample, type PastWish } from './past-samples.js';
import { type AgreedAck, judgeAck } from './judge-ack.js';
import { type RangeSource, selectRange } from './select-range.js';
import { SqliteDamage } from './sqlite-damage.js';
import { gapsOf, openEpochOf, SqliteEpochs } from './sqlite-epochs.js';
import { type Evicted, SqliteEviction } from './sqlite-eviction.js';
import { failureOf, onDisk, sqliteCodeOf } from './sqlite-failure.js';
import type { FileLock } from './sqlite-lock.js';

/** Where a journal lies and what it works with. */
export interface SqliteJournalOptions {
  /** Path of the database file; its folder must exist. */
  readonly path: string;
  readonly lcuId: string;
  /** Room that it may take, bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  /** The disk of the file; by the file system when it is not told. */
  readonly lookAtDisk?: LookAtDisk;
}

const EPOCH_BYTES = 8;

/** A journal that was opened and whose epoch has not begun. */
export interface ResumableJournal extends Journal {
  /** Goes on with the newest epoch if this is its last entry; whether it is. @throws FarolaError as `append` */
  resume(end: PreviousEpoch): boolean;
}

/** The journal in SQLite. @throws FarolaError of the file when its end cannot be read */
export class SqliteJournal implements ResumableJournal {
  readonly #db: BetterSqlite3.Database;
  readonly #options: SqliteJournalOptions;
  readonly #lock: FileLock;
  readonly #epochs: SqliteEpochs;
  readonly #damage: SqliteDamage;
  readonly #eviction: SqliteEviction;
  /** Events that happened before the epoch began. */
  readonly #before: [EventCode, readonly Cbor[]][] = [];
  #present: EpochState | undefined;
  #acknowledged = 0;
  /** What `#readOwing` gave since the last commit: one answer asks for it twice. */
  #owing: readonly EpochState[] | undefined;

  constructor(db: BetterSqlite3.Database, options: SqliteJournalOptions, lock: FileLock) {
    this.#db = db;
    this.#options = options;
    this.#lock = lock;
    this.#epochs = new SqliteEpochs(db);
    const record = (facts: readonly Cbor[]): void => this.#tell('damaged', facts);
    this.#damage = new SqliteDamage(db, this.#epochs, { present: () => this.#present, record });
    const { maxBytes, lookAtDisk = fsDiskRoom(dirname(options.path)) } = options;
    this.#eviction = new SqliteEviction(db, this.#epochs, this.#damage, maxBytes, lookAtDisk);
    this.#findEnd();
  }

  get epoch(): Uint8Array {
    return this.#now().epoch;
  }

  get end(): PreviousEpoch {
    const { epoch, last, head } = this.#now();
    return { epoch, n: last, head };
  }

  beginEpoch(start: EpochStart, setAside?: SetAside): void {
    const { lcuId, random, clock } = this.#options;
    this.#commitWithRoom(() => {
      const before = this.#epochs.newest();
      let epoch = random.bytes(EPOCH_BYTES);
      while (this.#epochs.find(epoch)) epoch = random.bytes(EPOCH_BYTES);
      this.#epochs.begin(epoch, chainSeed(lcuId, epoch));
      this.#present = this.#epochs.newest();
      const previous = before ? { epoch: before.epoch, n: before.last, head: before.head } : (setAside?.previous ?? null);
      this.#add({ kind: 'start', at: clock.now(), previous, ...start });
      for (const [code, facts] of this.#before) this.#tell(code, facts);
      if (setAside) this.#tell('journal-set-aside', [setAside.name]);
      this.#epochs.removeSpent(this.#now().id);
    });
    this.#before.length = 0;
  }

  resume({ epoch, n, head }: PreviousEpoch): boolean {
    const newest = onDisk(this.#options.path, () => this.#epochs.newest());
    if (newest?.last !== n || !sameBytes(newest.epoch, epoch) || !sameBytes(newest.head, head)) return false;
    this.#present = newest;
    this.#commit(() => {
      for (const [code, facts] of this.#before) this.#tell(code, facts);
    });
    this.#before.length = 0;
    return true;
  }

  append(entry: KnownEntry): number {
    this.#now();
    const bounds = onDisk(this.#options.path, () => this.#eviction.bounds());
    const appended = this.#commitWithRoom(() => {
      const n = this.#add(entry);
      this.#recordEvicted(this.#eviction.makeRoom(this.#now().id, bounds));
      return n;
    });
    if (bounds.isShort) this.#checkpoint('PASSIVE');
    return appended;
  }

  applyAcks(acks: readonly Ack[]): readonly Disagreement[] {
    this.#now();
    return this.#commit(() => acks.flatMap((ack) => this.#applyAck(ack)));
  }

  select(want: Want): Selection {
    return onDisk(this.#options.path, () => {
      for (;;) {
        const selected = selectRange(want, this.#rangeSource());
        if (!('unsoundAt' in selected)) return selected;
        this.#commit(() => this.#damage.mend(selected.epoch, selected.unsoundAt));
      }
    });
  }

  openEpochs(): readonly OpenEpoch[] {
    return this.#open().map(openEpochOf);
  }

  gaps(): readonly GapRecord[] {
    const open = this.#open();
    const gaps = onDisk(this.#options.path, () => open.flatMap((epoch) => [...gapsOf(epoch), ...this.#damage.gaps(epoch)]));
    return gaps.slice(0, EPOCH_LIST_LIMIT);
  }

  size(): JournalSize {
    return onDisk(this.#options.path, () => ({
      backlog: this.#epochs.backlog(this.#present),
      bytes: this.#eviction.usedBytes(),
      acknowledged: this.#acknowledged,
    }));
  }

  pastSamples(wish: PastWish): readonly PastSample[] {
    const source = {
      before: (epoch: EpochState) => this.#epochs.before(epoch),
      at: (epoch: EpochState, n: number) => this.#epochs.rowAt(epoch, n),
      newestFirst: (epoch: EpochState) => this.#epochs.read(epoch, epoch.floor, epoch.last + 1, 'descending'),
    };
    return onDisk(this.#options.path, () => pastSamples(this.#now(), source, wish));
  }

  close(): void {
    this.#db.close();
    this.#lock.release();
  }

  #now(): EpochState {
    if (!this.#present) throw new TypeError('beginEpoch comes first');
    return this.#present;
  }

  #rangeSource(): RangeSource {
    return {
      present: this.#now(),
      find: (epoch) => this.#epochs.find(epoch),
      read: (epoch, after, before, order) => this.#epochs.read(epoch, after, before, order),
      evidence: (epoch) => this.#damage.evidence(epoch),
    };
  }

  /** Epochs that owe something. */
  #open(): EpochState[] {
    this.#owing ??= onDisk(this.#options.path, () => this.#readOwing());
    return [...this.#owing, this.#now()];
  }

  /** Past epochs that owe something. No end is listed that nothing vouches for: what is damaged there is mended or recorded first. */
  #readOwing(): readonly EpochState[] {
    for (;;) {
      const past = this.#epochs.unacknowledgedBefore(this.#now().id);
      const unproven = this.#damage.unprovenEnd(past);
      if (!unproven) return past;
      this.#commit(() => this.#damage.mendEnd(unproven));
    }
  }

  /** Runs work in one transaction. What memory holds is as before when it fails. */
  #commit<T>(work: () => T): T {
    const before = this.#present;
    const told = this.#before.length;
    this.#owing = undefined;
    try {
      return this.#db.transaction(work).immediate();
    } catch (error) {
      this.#present = before;
      this.#before.length = told;
      throw failureOf(this.#options.path, error);
    }
  }

  /** As `#commit`; on a full disk entries go first, for which there may be room in the files as they are. */
  #commitWithRoom<T>(work: () => T): T {
    try {
      return this.#commit(work);
    } catch (error) {
      if (!(error instanceof FarolaError) || sqliteCodeOf(error.cause) !== 'SQLITE_FULL') throw error;
    }
    this.#checkpoint('RESTART');
    this.#commit(() => this.#recordEvicted(this.#eviction.evictBatch() ?? []));
    return this.#commit(work);
  }

  /** Brings what the log holds into the file. A disk without room for that fails what is written next, and says so there. */
  #checkpoint(mode: 'PASSIVE' | 'RESTART'): void {
    try {
      this.#db.pragma(`wal_checkpoint(${mode})`);
    } catch (error) {
      if (codeOf(failureOf(this.#options.path, error)) !== 'disk-failure') throw failureOf(this.#options.path, error);
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
    if (this.#present) {
      const { epoch, last, head } = this.#present;
      const found = this.#epochs.find(epoch);
      if (found) this.#present = { ...found, last, head };
    }
    for (const { epoch, from, to } of evicted) this.#tell('evicted', [epoch, from, to]);
  }

  /** Adds an event, within a transaction; before the epoch has begun it is kept until then. */
  #tell(code: EventCode, facts: readonly Cbor[]): void {
    if (this.#present) this.#add({ kind: 'event', at: this.#options.clock.now(), code, facts });
    else this.#before.push([code, facts]);
  }

  #applyAck(ack: Ack): Disagreement[] {
    const [epoch, n, theirs] = ack;
    const state = this.#find(epoch);
    if (!state) return [];
    const judged = judgeAck(state, ack, (at) => {
      const proven = this.#damage.headAt(state, at);
      return proven.n === at ? proven.head : undefined;
    });
    if (!judged.agrees) {
      this.#recordDisagreement(state, { epoch, n, theirs });
      return [{ epoch, n, theirs }];
    }
    if (judged.acked !== state.acked || judged.gapClosed || judged.released) {
      this.#acknowledged += Math.max(0, judged.acked - state.acked);
      this.#save({ ...state, acked: judged.acked, ...this.#gapAfter(state, judged) });
      if (judged.gapClosed) this.#epochs.removeSpent(this.#now().id);
    }
    return [];
  }

  /** What was released has no head here that proves where it begins, but for that of the whole epoch (docs/decisions/039). */
  #gapAfter({ epoch }: EpochState, judged: AgreedAck): Partial<Pick<EpochState, 'gapFrom' | 'gapPrev'>> {
    if (judged.gapClosed) return { gapFrom: null, gapPrev: null };
    return judged.released ? { gapFrom: 1, gapPrev: chainSeed(this.#options.lcuId, epoch) } : {};
  }

  /** What agreed before was said of another chain, or by another collector: nothing of the epoch counts as acknowledged any more. */
  #recordDisagreement(state: EpochState, { epoch, n, theirs }: Disagreement): void {
    const isTold = state.disagreed === n;
    if (isTold && state.acked === state.floor) return;
    this.#save({ ...state, acked: state.floor, disagreed: n });
    if (!isTold) this.#tell('ack-disagrees', [epoch, n, theirs]);
  }

  #find(epoch: Uint8Array): EpochState | undefined {
    const present = this.#now();
    return sameBytes(epoch, present.epoch) ? present : this.#epochs.find(epoch);
  }

  #save(state: EpochState): void {
    this.#epochs.save(state);
    const { id, last, head } = this.#now();
    if (state.id === id) this.#present = { ...state, last, head };
  }

  /** The last entry of the newest epoch must be proven: the next epoch names it as its predecessor. */
  #findEnd(): void {
    const newest = this.#epochs.newest();
    if (newest) this.#commit(() => this.#damage.putBackEnd(newest) || this.#damage.headAt(newest, newest.last));
  }
}
