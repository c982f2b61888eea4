import { type ErrorCode, FarolaError, type Facts } from '@farola/shared';
import { decideStanding } from '../fleet/decide.js';
import { epochCounts, standingOf } from '../fleet/counting.js';
import type { EpochReader } from '../fleet/derived-state.js';
import type { Decisions, FleetReader } from '../fleet/fleet.js';
import type { HoldingReader, Judgement, JudgementWriter, LedgerRows } from '../ledger/ledger.js';
import type { Log } from '../log/log.js';
import type { LineageFinding } from './judge-lineage.js';
import type { Session } from './session.js';
import type { StandingOrder } from './standing-order.js';

/** What is done about contradictions works with. */
export interface ContradictionsDeps {
  readonly ledger: JudgementWriter & Pick<LedgerRows, 'rows'> & Pick<HoldingReader, 'epochsOf' | 'holding'>;
  readonly fleet: Pick<FleetReader, 'find'> & Decisions;
  readonly derived: Pick<EpochReader, 'start'>;
  readonly order: Pick<StandingOrder, 'standingFor'>;
  readonly log: Log;
}

/**
 * Contradictions of one LCU that are kept whole in one run of the collector, grave ones and others apart: some prove it, and
 * all would fill the disk. What takes it out of service again after a release is kept in any case, and as many from there on.
 */
const KEPT = 4;

/** What the epochs of an LCU say against each other, or what it lists and does not deliver. */
export type Finding =
  LineageFinding | (Omit<LineageFinding, 'code'> & { readonly code: 'entries-withheld'; readonly grave: false });

/** How a finding is logged that is not one of what was forgotten. */
const MESSAGES: Partial<Record<ErrorCode, string>> = { 'entries-withheld': 'LCU lists entries that it does not deliver' };

/** What an LCU signed against itself: a judgement in the ledger, and where it is grave, quarantine. */
export class Contradictions {
  readonly #deps: ContradictionsDeps;
  readonly #kept = { grave: new Map<number, number>(), other: new Map<number, number>() };

  constructor(deps: ContradictionsDeps) {
    this.#deps = deps;
  }

  /**
   * Takes a finding in, before the answer that shows it is stored: what crashes in between is found again.
   * @param atMs wall time of the receipt; from then on the LCU counts no more when the finding is grave
   */
  found(session: Session, finding: Finding, atMs: number, kept: Judgement['kept']): void {
    const { code, facts, grave } = finding;
    const { lcuNo, lcuId } = session.lcu;
    const counts = grave ? this.#kept.grave : this.#kept.other;
    const isToQuarantine = grave && session.standing.counts && !this.#wasReleased(session, finding);
    const count = isToQuarantine ? 0 : (counts.get(lcuNo) ?? 0);
    if (count < KEPT) {
      this.#deps.ledger.judge({ lcuNo, judgedAtMs: atMs, code, facts, key: null, kept });
      counts.set(lcuNo, count + 1);
      this.#deps.log.warn(
        { ...facts, lcu: lcuId, code },
        MESSAGES[code] ?? (grave ? 'LCU contradicts itself' : 'LCU forgot what it had signed'),
      );
    }
    if (isToQuarantine) this.#quarantine(session, code, facts, atMs);
  }

  /** Whether nothing follows from one more finding: the LCU counts no more, and as many grave ones are kept as ever will be. */
  isSettled({ lcu, standing }: Pick<Session, 'lcu' | 'standing'>): boolean {
    return !standing.counts && (this.#kept.grave.get(lcu.lcuNo) ?? 0) >= KEPT;
  }

  /** What an LCU may tell for ever of an epoch of before the release, nothing of which counts: a fork, an end that went back. */
  #wasReleased(session: Session, { code, epoch }: Finding): boolean {
    if (code === 'branch-delivers' || session.standing.fromEpochAfterMs === null) return false;
    const began = this.#deps.derived.start(session.lcu.lcuNo, epoch)?.atMs;
    return began !== undefined && !epochCounts(this.#deps.order.standingFor(session, epoch), began);
  }

  #quarantine(session: Session, code: string, facts: Facts, atMs: number): void {
    const { lcuId } = session.lcu;
    try {
      const lcu = decideStanding(this.#deps, lcuId, { decision: 'quarantined', atMs, reason: code, by: 'collector' });
      session.standing = standingOf(lcu);
      this.#deps.log.error({ ...facts, lcu: lcuId, code }, 'LCU quarantined');
    } catch (error) {
      // A person was faster: what was decided is taken in with the next look at the fleet.
      if (!(error instanceof FarolaError) || error.code !== 'decision-unfit') throw error;
    }
  }
}
