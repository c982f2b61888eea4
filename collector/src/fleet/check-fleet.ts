import { ANSWER, cutSigned, FarolaError, parseMessage, POLL } from '@farola/shared';
import type { LedgerRow, LedgerRows } from '../ledger/ledger.js';
import type { FleetReader } from './fleet.js';

/**
 * Sees that the fleet gives each LCU the number that the ledger knows it by, before a number could be given to another
 * LCU and bring it the readings of the first: the state file was lost, or is older than the ledger. Error: `fleet-lost`.
 */
export function checkFleet(fleet: Pick<FleetReader, 'list'>, ledger: Pick<LedgerRows, 'oneOfEach'>, statePath: string): void {
  const names = new Map(fleet.list().map(({ lcuNo, lcuId }) => [lcuNo, lcuId]));
  for (const row of ledger.oneOfEach()) {
    const known = names.get(row.lcuNo);
    const named = nameIn(row);
    const isLost = known === undefined || (named !== undefined && named !== known);
    if (isLost) throw new FarolaError('fleet-lost', { path: statePath, lcu: named ?? '?', number: row.lcuNo });
  }
}

/** What poll and answer of a row name; undefined where they do not agree, or cannot be read: that is damage, and no other LCU. */
function nameIn({ poll, answer }: Pick<LedgerRow, 'poll' | 'answer'>): string | undefined {
  const [asked, answered] = [cutSigned(poll), cutSigned(answer)];
  const to = asked.ok ? parseMessage(POLL, asked.value.payload) : asked;
  const from = answered.ok ? parseMessage(ANSWER, answered.value.payload) : answered;
  return to.ok && from.ok && to.value.lcuId === from.value.lcuId ? from.value.lcuId : undefined;
}
