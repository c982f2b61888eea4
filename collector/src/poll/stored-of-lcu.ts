import type { EpochReader } from '../fleet/derived-state.js';
import type { EpochHolding } from '../ledger/epoch-holding.js';
import type { HeldByLcu } from '../ledger/held-by-lcu.js';
import type { Holdings } from '../ledger/holdings.js';
import type { HeldDetail, Ledger } from '../ledger/ledger.js';
import type { UnitChains } from '../ledger/place-range.js';
import type { BranchRoom } from './branch-room.js';
import type { Session } from './session.js';

/** Where it is asked for. */
export interface StoredDeps {
  readonly holdings: Pick<Holdings, 'of' | 'kept' | 'takesGaps'>;
  readonly ledger: Pick<Ledger, 'headAt' | 'detail'>;
  readonly room: Pick<BranchRoom, 'mayBegin'>;
  readonly derived: Pick<EpochReader, 'start'>;
}

/** What is stored of one LCU: one small object for each answer that is judged. */
export class StoredOfLcu implements HeldByLcu {
  readonly #session: Pick<Session, 'lcu' | 'keyFromMs' | 'chains'>;
  readonly #deps: StoredDeps;

  constructor(session: Pick<Session, 'lcu' | 'keyFromMs' | 'chains'>, deps: StoredDeps) {
    this.#session = session;
    this.#deps = deps;
  }

  holdingOf(id: Uint8Array): EpochHolding {
    return this.#deps.holdings.of(this.#session.lcu.lcuNo, id);
  }

  headAt(id: Uint8Array, n: number): Uint8Array | undefined {
    return this.#deps.ledger.headAt(this.#session.lcu.lcuNo, id, n);
  }

  detail(id: Uint8Array, from: number, to: number): HeldDetail {
    return this.#deps.ledger.detail(this.#session.lcu.lcuNo, id, from, to);
  }

  branchesOf(epoch: Uint8Array): number {
    return this.#deps.holdings.kept(this.#session.lcu.lcuNo, epoch).branches;
  }

  mayBegin(epoch: Uint8Array): boolean {
    const { lcu, keyFromMs } = this.#session;
    const { room, derived } = this.#deps;
    const isOfLaterKey = (): boolean => (derived.start(lcu.lcuNo, epoch)?.atMs ?? Infinity) < keyFromMs;
    return room.mayBegin(lcu.lcuNo, epoch, this.branchesOf(epoch), isOfLaterKey);
  }

  takesGaps(id: Uint8Array): boolean {
    return this.#deps.holdings.takesGaps(this.#session.lcu.lcuNo, id);
  }

  unitOf(epoch: Uint8Array): UnitChains | undefined {
    return this.#session.chains.of(epoch);
  }
}
