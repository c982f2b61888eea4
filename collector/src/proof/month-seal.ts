import { encodeCbor, joinBytes, sha256, SHA256_BYTES } from '@farola/shared';
import type { JudgementBytes, LedgerMonth } from '../ledger/ledger-month.js';
import type { LedgerRow } from '../ledger/ledger.js';

/**
 * What a month was when it was closed: after the first row of the next month no row and no judgement is written to its file. Seals are a
 * chain, so that none can be taken out or changed without the next.
 */
export interface MonthSeal {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly rows: number;
  /** Lowest and highest key; 0 and 0 of a month without rows. */
  readonly firstKey: number;
  readonly lastKey: number;
  /** Over all rows in the order of their keys (RowDigest). */
  readonly digest: Uint8Array;
  readonly judgements: number;
  readonly judgementDigest: Uint8Array;
  /** Hash of the seal that was made before; zeros for the first. */
  readonly previous: Uint8Array;
}

/** What stands before the first. */
export const NO_SEAL = new Uint8Array(SHA256_BYTES);

/** The hash of a seal: SHA-256 of its fields as a CBOR array. */
export function sealHash(seal: MonthSeal): Uint8Array {
  const { month, rows, firstKey, lastKey, digest, judgements, judgementDigest, previous } = seal;
  return sha256(encodeCbor([month, rows, firstKey, lastKey, digest, judgements, judgementDigest, previous]));
}

const ROW_HEAD_BYTES = 24;

/**
 * A digest over rows in order, which can be put down and taken up again: d(i) = SHA-256(d(i-1) || key || receipt || first ||
 * epoch || base || SHA-256(poll) || answer). The answer's signed head and the base tell the entries.
 */
export class RowDigest {
  rows: number;
  digest: Uint8Array;
  readonly #numbers = new DataView(new ArrayBuffer(ROW_HEAD_BYTES));

  constructor(begun: { readonly rows: number; readonly digest: Uint8Array } = { rows: 0, digest: NO_SEAL }) {
    this.rows = begun.rows;
    this.digest = begun.digest;
  }

  /** @param pollHash SHA-256 of the row's poll, where it is known */
  add({ key, receivedAtMs, first, epoch, base, poll, answer }: LedgerRow, pollHash: Uint8Array = sha256(poll)): void {
    this.#numbers.setBigUint64(0, BigInt(key));
    this.#numbers.setBigUint64(8, BigInt(receivedAtMs));
    this.#numbers.setBigUint64(16, BigInt(first));
    const head = new Uint8Array(this.#numbers.buffer);
    this.digest = sha256(joinBytes(this.digest, head, epoch, base, pollHash, answer));
    this.rows++;
  }
}

const PAGE = 256;

/** A digest over the judgements of a file. Errors: those of the port. */
export function judgementDigest(month: LedgerMonth): { readonly count: number; readonly digest: Uint8Array } {
  let digest: Uint8Array = NO_SEAL;
  let count = 0;
  let page: readonly JudgementBytes[];
  let after = 0;
  do {
    page = month.judgements(after, PAGE);
    for (const { bytes } of page) digest = sha256(joinBytes(digest, bytes));
    count += page.length;
    after = page.at(-1)?.no ?? after;
  } while (page.length === PAGE);
  return { count, digest };
}
