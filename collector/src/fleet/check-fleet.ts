import { ANSWER, cutSigned, FarolaError, parseMessage } from '@farola/shared';
import type { LedgerRows } from '../ledger/ledger.js';
import type { FleetReader } from './fleet.js';

/**
 * Sees that the fleet gives each LCU the number that the ledger knows it by, before a number could be given to another
 * LCU and bring it the readings of the first: the state file was lost, or is older than the ledger. Error: `fleet-lost`.
 */
export function checkFleet(fleet: Pick<FleetReader, 'list'>, ledger: Pick<LedgerRows, 'oneOfEach'>, statePath: string): void {
  const names = new Map(fleet.list().map(({ lcuNo, lcuId }) => [lcuNo, lcuId]));
  for (const { lcuNo, answer } of ledger.oneOfEach()) {
    const parts = cutSigned(answer);
    const parsed = parts.ok ? parseMessage(ANSWER, parts.value.payload) : parts;
    const named = parsed.ok ? parsed.value.lcuId : '?';
    if (names.get(lcuNo) !== named) throw new FarolaError('fleet-lost', { path: statePath, lcu: named, number: lcuNo });
  }
}
