import {
  ANSWER,
  chainHead,
  cutItems,
  FarolaError,
  openSigned,
  POLL,
  sameBytes,
  sha256,
  toHex,
  type Verify,
} from '@farola/shared';
import type { LedgerRow } from './ledger.js';

/** Whose signatures a row must carry. */
export interface RowKeys {
  readonly pollKeys: readonly Uint8Array[];
  /** Keys of the LCU, all that it ever had. */
  readonly lcuKeys: readonly Uint8Array[];
  readonly verify: Verify;
}

/**
 * Proves one row of the ledger by itself: both signatures, that the answer is the poll's, and that the entries hash
 * from the base to the signed head. Throws `ledger-corrupt` with what does not agree.
 */
export function proveRow(row: LedgerRow, { pollKeys, lcuKeys, verify }: RowKeys): void {
  const fail = (reason: string): FarolaError => {
    const at = new Date(row.receivedAtMs).toISOString();
    return new FarolaError('ledger-corrupt', { path: `row ${row.key}, received ${at}`, reason });
  };
  const poll = openSigned(POLL, row.poll, pollKeys, verify);
  if (!poll.ok) throw fail(`poll: ${poll.code}`);
  const answer = openSigned(ANSWER, row.answer, lcuKeys, verify);
  if (!answer.ok) throw fail(`answer: ${answer.code}`);
  const { pollHash, from, to, prev, head, epoch } = answer.value;
  if (!sameBytes(pollHash, sha256(row.poll))) throw fail('the answer is to another poll');
  if (!sameBytes(epoch, row.epoch)) throw fail(`epoch ${toHex(row.epoch)} is not that of the answer`);
  const { items } = cutItems(row.entries);
  if (row.first < from || row.first + items.length - 1 !== to) throw fail('entries are missing');
  if (row.first === from && !sameBytes(row.base, prev)) throw fail('the base is not the signed one');
  if (!sameBytes(chainHead(row.base, items), head)) throw fail('the entries do not hash to the signed head');
}
