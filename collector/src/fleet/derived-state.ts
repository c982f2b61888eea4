import type { AnalyserRow, ErrorCode, PreviousEpoch, ProfileOrigin } from '@farola/shared';
import type { SharedSpan } from '../ledger/ledger.js';
import type { PanelStay } from './fleet.js';

/** A meter at a measuring point, with dates. Series belong to measuring points. */
export interface MeterStay {
  /** `panel/analyser`. */
  readonly point: string;
  readonly lcuNo: number;
  readonly analyserId: string;
  readonly profileId: string;
  /** `own` where the register map is a file of the LCU, which no code hash covers. */
  readonly profileOrigin: ProfileOrigin;
  readonly serialNumber: string | null;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** What the last poll of an LCU gave, and sums since it was added. */
export interface Contact {
  readonly lcuNo: number;
  /** Wall time of the last verified answer, ms; null before the first. */
  readonly lastGoodAtMs: number | null;
  /** Wall time of the last poll that ended, ms. */
  readonly lastAtMs: number;
  /** `ok` or the code of the last outcome. */
  readonly verdict: 'ok' | ErrorCode;
  readonly answersOk: number;
  /** Polls that did not end in a verified answer: refused, late or missing. */
  readonly answersRefused: number;
  readonly entriesStored: number;
  /** Entries that the LCU still held unacknowledged at its last answer. */
  readonly backlog: number;
  /** What the LCU said of its code at its last verified answer; null when it does not measure it, or before the first. */
  readonly codeHash: Uint8Array | null;
}

/** The newest live sample of one analyser, as signed. */
export interface LatestSample {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly analyser: number;
  /** The entry. */
  readonly entry: Uint8Array;
  readonly receivedAtMs: number;
  /** Age at receipt, ms. */
  readonly ageMs: number;
}

/** A latest sample as it is read. */
export interface HeldSample extends LatestSample {
  /** Whether it is not known how long ago it was received: the wall clock of the collector went back since (age-losses.ts). */
  readonly ageLost: boolean;
}

/** A start or table entry, as signed: what an LCU reads from `atMs` on. */
export interface TableFact {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  /** Wall time when it began to hold, as far as it is known, ms. */
  readonly atMs: number;
  /** Of a start entry, the epoch before and the last entry of it; null when it names none, and of a table entry. */
  readonly previous: { readonly epoch: Uint8Array; readonly n: number } | null;
}

/** The begin of an epoch, from its start entry. */
export interface EpochStart {
  readonly boot: Uint8Array;
  readonly previous: PreviousEpoch | null;
  /** Wall time, as far as it is known, ms. */
  readonly atMs: number;
}

/** An epoch that names another as the one before it; the head that it names there its `start` tells. */
export interface Successor {
  readonly epoch: Uint8Array;
  /** The entry of the other epoch that it names as the last; 0 when it names no epoch. */
  readonly afterN: number;
  /** Wall time when it began, as far as it is known, ms. */
  readonly atMs: number;
}

/** Which successors are asked. */
export interface SuccessorsAsked {
  /** At the most so many, the newest. */
  readonly limit: number;
  /** Only those that began then or later, wall time in ms; 0 unless told. */
  readonly fromMs?: number;
}

/** The analysers of an epoch, from its start and table entries. */
export interface EpochTable {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  /** Undefined while the start entry is not stored. */
  readonly boot: Uint8Array | undefined;
  /** The version that the agent says it is of; as `boot`. */
  readonly agentVersion: string | undefined;
  /** Every analyser that the epoch ever named, by index: also those that are read no more. */
  readonly analysers: readonly AnalyserRow[];
  /** Indexes that are read no more. */
  readonly retired: readonly number[];
}

/** Something that an LCU recorded, as signed. */
export interface EventFact {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  /** Wall time when it happened, as far as it is known, ms. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  /** Whether it was more than five minutes old at the receipt, or of an age that is not known. */
  readonly late: boolean;
}

/** What an LCU said of what it runs on, in the epoch that was its present one when it answered. */
export interface PlatformFact {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  /** The entry that says it. */
  readonly n: number;
  /** Platform hash, 32 bytes; null when it was not measured (yet). */
  readonly hash: Uint8Array | null;
  readonly receivedAtMs: number;
}

/** A moment of one boot on the LCU's monotonic clock and on a wall clock, both ms. */
export interface Anchor {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** What dates the entries of a boot: the first contact in it, and the LCU's clock when that was first set. */
export interface ClockAnchors {
  readonly contact: Anchor | undefined;
  readonly clock: Anchor | undefined;
}

/** An anchor on its way in. */
export interface NewAnchor extends Anchor {
  readonly lcuNo: number;
  readonly boot: Uint8Array;
  readonly source: keyof ClockAnchors;
}

/** What one commit changes in the derived state. */
export interface DerivedChange {
  readonly contacts: readonly Contact[];
  readonly latest: readonly LatestSample[];
  readonly tables: readonly TableFact[];
  readonly events: readonly EventFact[];
  readonly anchors: readonly NewAnchor[];
  readonly platforms: readonly PlatformFact[];
  /**
   * Up to where the ledger is taken in with this change: of every row that is stored, the slot before this key's is
   * reached, or the row is applied. Lower than before where the wall clock went back. Null: as it was.
   */
  readonly upToKey: number | null;
}

/** Port: takes in what commits change. One process writes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface DerivedChanges {
  /**
   * One transaction. Applying a change again, or changes in another order, comes to the same, as far as start entries tell
   * the line of epochs: a latest sample gives way only to a newer one (../newer-sample.ts), a platform to one that was told later
   * (isLaterPlatform in platform-fact.ts), the first anchor of a boot stays.
   * Contacts and the applied key are taken as they are; a key of an earlier slot than before is durable when this returns.
   * Gives the events that were not known: those to notify, once.
   */
  apply(change: DerivedChange): readonly EventFact[];
  /** `upToKey` of the last change that had one; 0 before the first. */
  appliedKey(): number;
}

/** Port: what LCUs said last. Any number of processes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface LatestReader {
  contact(lcuNo: number): Contact | undefined;
  /** What the LCU told last of what it runs on; undefined before its first start entry. */
  platform(lcuNo: number): PlatformFact | undefined;
  /** One for each analyser index, ascending. After a restart of the agent one may be left of an epoch before. */
  latest(lcuNo: number): readonly HeldSample[];
  /** The same of every LCU that has any, by its number: one question, for whoever shows the whole fleet. */
  latestOfAll(): ReadonlyMap<number, readonly HeldSample[]>;
  /** Events received from `fromMs` on, of one LCU or of all, in the order of receipt; of each LCU the newest thousand. */
  events(fromMs: number, lcuNo?: number): readonly EventFact[];
}

/** Port: what the entries of an epoch tell of it. Any number of processes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface EpochReader {
  /**
   * Undefined when no start or table entry of the epoch is stored.
   * @param id of a chain of it (branch-id.ts)
   * @param shared of a branch, which entries it shares with other chains; asked only then, and none when it is not told
   */
  table(lcuNo: number, id: Uint8Array, shared?: () => readonly SharedSpan[]): EpochTable | undefined;
  /** The begin of an epoch; undefined while its start entry is not here, or cannot be read. */
  start(lcuNo: number, epoch: Uint8Array): EpochStart | undefined;
  /**
   * The epochs whose start entries name this one as the epoch before, the newest first; null: those that name none. One at
   * the most, of an honest LCU; a hostile one may have made a hundred thousand, so whoever asks says how many.
   */
  successors(lcuNo: number, epoch: Uint8Array | null, asked: SuccessorsAsked): readonly Successor[];
  /** What dates the entries of a boot. */
  anchors(lcuNo: number, boot: Uint8Array): ClockAnchors;
}

/** Port: what was where, and when. Any number of processes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface StayReader {
  panelStays(lcuNo: number): readonly PanelStay[];
  /** Of one panel, or of all; by point, oldest first (meter-stays.ts). */
  meterStays(panel?: string): readonly MeterStay[];
}

/** State derived from ledger and judgements; may be lost and rebuilt. */
export interface DerivedState extends DerivedChanges, LatestReader, EpochReader, StayReader {}
