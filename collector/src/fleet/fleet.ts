import type { AnalyserRow, ErrorCode, PreviousEpoch } from '@farola/shared';

/** Where an LCU stands (DESIGN section 5). `invited`: added, and no key has come yet. */
export type LcuState = 'invited' | 'pending' | 'active' | 'quarantined' | 'revoked' | 'retired';

/** What can be decided about an LCU; each is a judgement in the ledger as well. */
export type Decision = 'quarantined' | 'released' | 'revoked' | 'retired';

/** A decision, and who made it for what reason. */
export interface Standing {
  readonly decision: Decision;
  /** Wall time, ms since 1970 UTC. */
  readonly atMs: number;
  readonly reason: string;
  /** The person, or `collector`. */
  readonly by: string;
}

/** A key of an LCU and when it was in force. */
export interface LcuKey {
  readonly publicKey: Uint8Array;
  readonly kid: Uint8Array;
  /** Wall time, ms since 1970 UTC. */
  readonly fromMs: number;
  readonly toMs: number | null;
  /** The signed enrol-request that brought it. */
  readonly request: Uint8Array;
}

/** One LCU of the fleet. */
export interface Lcu {
  readonly lcuNo: number;
  readonly lcuId: string;
  readonly state: LcuState;
  /** Assurance level, 0 to 3. */
  readonly assurance: number;
  /** The panel that it is in now. */
  readonly panel: string;
  readonly addedAtMs: number;
  /** Present or last key, which `toMs` tells apart; undefined until it has enrolled. */
  readonly key: LcuKey | undefined;
  /** What was decided last since its key was approved; null when nothing was. */
  readonly standing: Standing | null;
}

/** An invitation to enrol. Only the hash of its secret is kept. */
export interface Invitation {
  readonly lcuId: string;
  /** SHA-256 of the secret. */
  readonly tokenHash: Uint8Array;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | null;
  /** When a newer invitation took its place. */
  readonly replacedAtMs: number | null;
}

/** What an operator gives out. */
export type NewInvitation = Pick<Invitation, 'tokenHash' | 'expiresAtMs'>;

/** A key that asks to become an LCU's. */
export interface Enrolment {
  readonly lcuId: string;
  readonly tokenHash: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly request: Uint8Array;
  readonly words: readonly string[];
  readonly assurance: number;
  readonly atMs: number;
}

/**
 * Port: who belongs to the fleet. Any number of processes; each method is one transaction, durable when it returns.
 * Errors besides those named: `disk-failure`, `ledger-corrupt`.
 */
export interface Fleet {
  /**
   * Adds an LCU to a panel, or gives a new invitation to one that was never approved, or is revoked or retired; the old
   * invitation ends, and a pending key is dropped. Errors: `lcu-exists` while it is in use, `name-invalid`.
   */
  invite(lcuId: string, panel: string, invitation: NewInvitation, atMs: number): Lcu;
  /** The invitation with this hash; undefined when there is none. Also a used, replaced or expired one is found. */
  invitation(tokenHash: Uint8Array): Invitation | undefined;
  /**
   * Records a key as pending and uses up the invitation. The same key with the same token again, while pending, takes
   * the place of the request before, with its words. Errors: `token-unknown`, `token-used`, `token-replaced`, `token-expired`, `token-foreign`, `key-in-use`.
   */
  enrol(enrolment: Enrolment): Lcu;
  /** Makes a pending LCU active; its key is in force from `atMs`. Errors: `lcu-unknown`, `lcu-not-pending`. */
  approve(lcuId: string, atMs: number): Lcu;
  /**
   * Takes a decision in. Revoked or retired, its key ends, and so does an open invitation. Errors: `lcu-unknown`,
   * `decision-unfit`.
   */
  decide(lcuId: string, standing: Standing): Lcu;
  /** The words of the present key's enrolment; undefined before one. */
  words(lcuId: string): readonly string[] | undefined;
  find(lcuId: string): Lcu | undefined;
  findByKid(kid: Uint8Array): Lcu | undefined;
  list(): readonly Lcu[];
  /** Every key that the LCU ever had, oldest first. */
  keyHistory(lcuNo: number): readonly LcuKey[];
  /** A number that rises whenever any process changed the fleet. Cheap enough to ask each second. */
  version(): number;
}

/** An LCU in a panel, with dates. */
export interface PanelStay {
  readonly panel: string;
  readonly lcuId: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** A meter at a measuring point, with dates. Series belong to measuring points. */
export interface MeterStay {
  /** `panel/analyser`. */
  readonly point: string;
  readonly lcuNo: number;
  readonly analyserId: string;
  readonly profileId: string;
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

/** An epoch that names another as the one before it. */
export interface Successor {
  readonly epoch: Uint8Array;
  /** The entry of the other epoch that it names as the last; 0 when it names no epoch. */
  readonly afterN: number;
  /** The head of that entry as it names it; null when it names no epoch. */
  readonly afterHead: Uint8Array | null;
  /** Wall time when it began, as far as it is known, ms. */
  readonly atMs: number;
}

/** The analysers of an epoch, from its start and table entries. */
export interface EpochTable {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  /** Undefined while the start entry is not stored. */
  readonly boot: Uint8Array | undefined;
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
  /** The highest key of the ledger rows that this change takes into account; 0 for none. */
  readonly upToKey: number;
}

/**
 * Port: state derived from ledger and judgements; may be lost and rebuilt. One process writes, others read. Errors:
 * `disk-failure`, `ledger-corrupt`.
 */
export interface DerivedState {
  /**
   * One transaction. Applying a change again, or changes in another order, comes to the same: a latest sample gives way
   * only to a newer one (isNewer in derive-change.ts), the first anchor of a boot stays, and the applied key never goes
   * back. Contacts are taken as they are. Gives the events that were not known: those to notify, once.
   */
  apply(change: DerivedChange): readonly EventFact[];
  contact(lcuNo: number): Contact | undefined;
  /** One for each analyser index, ascending. After a restart of the agent one may be left of an epoch before. */
  latest(lcuNo: number): readonly LatestSample[];
  /** Undefined when no start or table entry of the epoch is stored. */
  table(lcuNo: number, epoch: Uint8Array): EpochTable | undefined;
  /** The begin of an epoch; undefined while its start entry is not here, or cannot be read. */
  start(lcuNo: number, epoch: Uint8Array): EpochStart | undefined;
  /** The epochs whose start entries name this one as the epoch before; null: those that name none. One at the most, of an honest LCU. */
  successors(lcuNo: number, epoch: Uint8Array | null): readonly Successor[];
  /** What dates the entries of a boot. */
  anchors(lcuNo: number, boot: Uint8Array): ClockAnchors;
  /** Events received from `fromMs` on, of one LCU or of all, in the order of receipt; of each LCU the newest thousand. */
  events(fromMs: number, lcuNo?: number): readonly EventFact[];
  /** The highest key that was applied; 0 before the first. */
  appliedKey(): number;
  panelStays(lcuNo: number): readonly PanelStay[];
  /** Of one panel, or of all; by point, oldest first (meter-stays.ts). */
  meterStays(panel?: string): readonly MeterStay[];
}
