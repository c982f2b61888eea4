import { sameBytes } from '@farola/shared';
import { type Counting, type Placed, standingNow } from '../fleet/counting.js';
import { decisionsOf, noteDecisionAgain } from '../fleet/decide.js';
import type { EntryOwners, JudgementReader, JudgementWriter, LedgerRows } from '../ledger/ledger.js';
import type { Session } from './session.js';

/** What it works with. */
export interface StandingOrderDeps {
  readonly ledger: JudgementWriter & JudgementReader & Pick<LedgerRows, 'rows'> & Pick<EntryOwners, 'rowOf'>;
}

/** How an LCU stands for one epoch. */
interface KnownStanding {
  readonly epoch: Uint8Array;
  readonly standing: Counting;
}

/** Epochs of one LCU that are remembered: the present one, and those of a backlog. */
const EPOCHS_KNOWN = 8;

/** Keeps it told which answers of an LCU came behind which decision about it, whatever the wall clock does. */
export class StandingOrder {
  readonly #deps: StandingOrderDeps;
  /** Of LCUs that were released, how they stand for the epochs that were asked last, the newest first. */
  readonly #known = new WeakMap<Counting, readonly KnownStanding[]>();

  constructor(deps: StandingOrderDeps) {
    this.#deps = deps;
  }

  /** Before an answer is stored that was received before the last decision, as the clock has it. Throws what the ledger throws. */
  beforeStoring({ lcu, standing }: Pick<Session, 'lcu' | 'standing'>, receivedAtMs: number): void {
    if (standing.sinceMs === undefined || standing.sinceMs <= receivedAtMs) return;
    noteDecisionAgain(this.#deps.ledger, lcu.lcuNo, receivedAtMs);
  }

  /**
   * How an LCU stands for an epoch. Only after a release it is asked of the ledger.
   * @param startedMs when the start entry of the epoch was received, that is not stored yet
   */
  standingFor({ lcu, standing }: Pick<Session, 'lcu' | 'standing'>, epoch: Uint8Array, startedMs?: number): Counting {
    if (standing.fromEpochAfterMs === null) return standing;
    const known = this.#known.get(standing) ?? [];
    for (const one of known) if (sameBytes(one.epoch, epoch)) return one.standing;
    const { ledger } = this.#deps;
    const start = ledger.rowOf(lcu.lcuNo, epoch, 1) ?? (startedMs === undefined ? undefined : unstored(startedMs));
    const found = standingNow(decisionsOf(ledger, lcu.lcuNo), () => start);
    const asked = { epoch: new Uint8Array(epoch), standing: found };
    if (start) this.#known.set(standing, [asked, ...known.slice(0, EPOCHS_KNOWN - 1)]);
    return found;
  }
}

/** A row that no decision held. */
function unstored(receivedAtMs: number): Placed {
  return { key: -1, receivedAtMs };
}
