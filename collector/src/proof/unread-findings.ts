import { branchName } from '../branch-id.js';
import { ledgerKeyParts } from '../ledger/ledger-key.js';
import type { Finding } from './finding.js';
import type { RowProver } from './prove-row.js';
import type { UnreadPage } from './walk-rows.js';

/** What a page that cannot be read comes to: each row that tables name in it, else the keys between which nothing could be read. */
export function unreadFindings(
  { after, upTo, reason, named }: UnreadPage,
  month: string,
  prover: Pick<RowProver, 'nameOf'>,
): readonly Finding[] {
  if (!named || named.length === 0) {
    return [{ kind: 'damaged', month, what: `rows of keys ${after + 1} to ${upTo} cannot be read: ${reason}` }];
  }
  return named.map(({ key, epoch, from, to }) => {
    const { lcuNo } = ledgerKeyParts(key);
    const lcu = prover.nameOf(lcuNo) ?? `number ${lcuNo}`;
    const chain = epoch ? { epoch: branchName(epoch) } : {};
    return { kind: 'damaged', what: `the row cannot be read: ${reason}`, month, lcu, ...chain, from, to, key };
  });
}
