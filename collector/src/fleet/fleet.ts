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

/** A decision as the fleet keeps it. */
export interface KeptDecision extends Standing {
  /** What was stored of the LCU then (stored-spans.ts); null when that was not noted. */
  readonly stored: string | null;
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

/** Port: who belongs to the fleet. Any number of processes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface FleetReader {
  find(lcuId: string): Lcu | undefined;
  findByKid(kid: Uint8Array): Lcu | undefined;
  list(): readonly Lcu[];
  /** A number that rises whenever any process changed the fleet. Cheap enough to ask each second. */
  version(): number;
}

/**
 * Port: how an LCU and its key come into the fleet. Any number of processes; each method is one transaction, durable when
 * it returns. Errors besides those named: `disk-failure`, `ledger-corrupt`.
 */
export interface Enrolments {
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
}

/** Port: what people decide about LCUs. As `Enrolments`. */
export interface Decisions {
  /**
   * Takes a decision in. Revoked or retired, its key ends, and so does an open invitation. Errors: `lcu-unknown`,
   * `decision-unfit`.
   * @param stored what is stored of the LCU now, kept with it
   */
  decide(lcuId: string, standing: Standing, stored?: string): Lcu;
}

/** Port: what is kept of an LCU's enrolments. Any number of processes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface LcuRecords {
  /** The words of the present key's enrolment; undefined before one. */
  words(lcuId: string): readonly string[] | undefined;
  /** Every key that the LCU ever had, oldest first. */
  keyHistory(lcuNo: number): readonly LcuKey[];
  /** Every decision about the LCU that was taken in, in that order. */
  decisions(lcuNo: number): readonly KeptDecision[];
}

/** The fleet as one store keeps it; what works with it asks for the port that it needs. */
export interface Fleet extends FleetReader, Enrolments, Decisions, LcuRecords {}

/** An LCU in a panel, with dates. */
export interface PanelStay {
  readonly panel: string;
  readonly lcuId: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}
