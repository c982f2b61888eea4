import type { EpochHolding } from '../ledger/epoch-holding.js';
import type { Holdings } from '../ledger/holdings.js';
import type { HeldByLcu } from '../ledger/judge-delivery.js';
import type { HeldDetail, Ledger } from '../ledger/ledger.js';

/** Where it is asked for. */
export interface StoredDeps {
  readonly holdings: Pick<Holdings, 'of'>;
  readonly ledger: Pick<Ledger, 'headAt' | 'detail'>;
}

/** What is stored of one LCU: one small object for each answer that is judged. */
export class StoredOfLcu implements HeldByLcu {
  readonly #lcuNo: number;
  readonly #deps: StoredDeps;

  constructor(lcuNo: number, deps: StoredDeps) {
    this.#lcuNo = lcuNo;
    this.#deps = deps;
  }

  holdingOf(epoch: Uint8Array): EpochHolding {
    return this.#deps.holdings.of(this.#lcuNo, epoch);
  }

  headAt(epoch: Uint8Array, n: number): Uint8Array | undefined {
    return this.#deps.ledger.headAt(this.#lcuNo, epoch, n);
  }

  detail(epoch: Uint8Array, from: number, to: number): HeldDetail {
    return this.#deps.ledger.detail(this.#lcuNo, epoch, from, to);
  }
}
