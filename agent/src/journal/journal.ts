import type { Ack, AnalyserRow, GapRecord, KnownEntry, OpenEpoch, PreviousEpoch, Want } from '@farola/shared';
import type { PastSample, PastWish } from './past-samples.js';

/** Name of the journal's file in the state folder. */
export const JOURNAL_FILE = 'journal.sqlite';

/** What is known at the start of a run; the rest of its `start` entry the journal fills in. */
export interface EpochStart {
  /** Boot id of the kernel, 16 bytes. */
  readonly boot: Uint8Array;
  /** Merkle root of what we ship; null when it is not measured. */
  readonly codeHash: Uint8Array | null;
  /** SHA-256 of the configuration file. */
  readonly configHash: Uint8Array;
  readonly agentVersion: string;
  readonly analysers: readonly AnalyserRow[];
}

/** A damaged journal in whose place another one is begun. */
export interface SetAside {
  /** Name of the file that was set aside. */
  readonly name: string;
  /** Its last entry, which counts where none of it could be taken over; null when it is not known. */
  readonly previous: PreviousEpoch | null;
}

/** One range of one epoch as an answer carries it; empty when `to` is `from - 1`. */
export interface Selection {
  /** 8 bytes. */
  readonly epoch: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** h(from - 1). */
  readonly prev: Uint8Array;
  /** h(to). */
  readonly head: Uint8Array;
  readonly entries: readonly Uint8Array[];
}

/** An ack whose h(n) is not ours. */
export interface Disagreement {
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly theirs: Uint8Array;
}

/** Size of the journal. */
export interface JournalSize {
  /** Entries that no ack covers yet, a number. */
  readonly backlog: number;
  /** Room in use, bytes. */
  readonly bytes: number;
  /** Entries that acks have newly covered since the journal was opened, a number. */
  readonly acknowledged: number;
}

/** Port: takes entries. One caller at a time; synchronous, so callers of one process never meet. */
export interface EntrySink {
  /**
   * Makes an entry durable under the next number of the present epoch, and returns that number.
   * @throws FarolaError `disk-failure`, `journal-corrupt`, `entry-too-large`; then no number is used
   */
  append(entry: KnownEntry): number;
}

/** Port: gives back what is durable, and lets go of what was acknowledged. Synchronous. */
export interface EntrySource {
  /**
   * Notes what the collector has stored. The newest word counts: an n below an earlier one, of a collector that was
   * restored, makes what is above it unacknowledged again. Where its h(n) is not ours nothing is released, and an event
   * says so, once for each n.
   * @throws FarolaError `disk-failure`, `journal-corrupt`
   */
  applyAcks(acks: readonly Ack[]): readonly Disagreement[];
  /**
   * The entries that a poll wants, see `selectRange`. Each is proven before it is given; what cannot be is recorded as
   * damaged, and told by `gaps` from then on. @throws FarolaError `journal-corrupt`, `disk-failure`
   */
  select(want: Want): Selection;
  /** Epochs that the collector has not all of, the present one always among them, oldest first. */
  openEpochs(): readonly OpenEpoch[];
  /** Entries that were evicted or are damaged, and are not acknowledged; those of the oldest epochs that fit in an answer. */
  gaps(): readonly GapRecord[];
}

/** Port: the journal of one LCU. */
export interface Journal extends EntrySink, EntrySource {
  /** The present epoch, 8 bytes. @throws TypeError before `beginEpoch` */
  readonly epoch: Uint8Array;
  /** The newest entry of the present epoch, as memory has it. @throws TypeError before `beginEpoch` */
  readonly end: PreviousEpoch;
  /** Draws an epoch and writes its entry 1; then an event when a journal was set aside. @throws FarolaError as `append` */
  beginEpoch(start: EpochStart, setAside?: SetAside): void;
  size(): JournalSize;
  /** The newest samples before the present epoch, see `pastSamples`. @throws FarolaError `journal-corrupt`, `disk-failure` */
  pastSamples(wish: PastWish): readonly PastSample[];
  close(): void;
}
