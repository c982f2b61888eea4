import { type Answer, type Attachment, chainHead, chainHeads, refuse, type Result, sameBytes } from '@farola/shared';
import type { ProvenRange } from '../ledger/judge-range.js';

/** The entries hash from the signed `prev` to the signed `head`. Code: `chain-broken`. */
export function checkChain(answer: Answer, { items }: Attachment): Result<ProvenRange> {
  if (sameBytes(chainHead(answer.prev, items), answer.head)) return { ok: true, value: new ChainedRange(answer, items) };
  return refuse('chain-broken', { from: answer.from, to: answer.to });
}

/**
 * A range whose chain was checked. Heads inside are computed when they are asked for: of a range that goes on where the
 * last one ended nobody asks.
 */
class ChainedRange implements ProvenRange {
  readonly epoch: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly prev: Uint8Array;
  readonly head: Uint8Array;
  readonly #entries: readonly Uint8Array[];
  #heads: readonly Uint8Array[] | undefined;

  constructor({ epoch, from, to, prev, head }: Answer, entries: readonly Uint8Array[]) {
    this.epoch = epoch;
    this.from = from;
    this.to = to;
    this.prev = prev;
    this.head = head;
    this.#entries = entries;
  }

  get heads(): readonly Uint8Array[] {
    return (this.#heads ??= chainHeads(this.prev, this.#entries));
  }
}
