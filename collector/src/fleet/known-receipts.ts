import type { KnownReceipt } from '../proof/lost-months.js';
import type { LatestReader } from './derived-state.js';
import type { FleetReader } from './fleet.js';

/** Where it is known. */
export interface ReceiptSources {
  readonly fleet: Pick<FleetReader, 'list'>;
  readonly derived: Pick<LatestReader, 'contact' | 'latest' | 'events'>;
}

/**
 * When answers were received of which the state file still knows, without the ledger: last contacts, latest values, events.
 * @param only number of one LCU; of all unless told
 */
export function* receiptsOf({ fleet, derived }: ReceiptSources, only?: number): Generator<KnownReceipt> {
  for (const { lcuNo, lcuId } of fleet.list()) {
    if (only !== undefined && lcuNo !== only) continue;
    const lastGoodAtMs = derived.contact(lcuNo)?.lastGoodAtMs ?? null;
    if (lastGoodAtMs !== null) yield { lcuId, receivedAtMs: lastGoodAtMs };
    for (const { receivedAtMs } of derived.latest(lcuNo)) yield { lcuId, receivedAtMs };
    for (const { receivedAtMs } of derived.events(0, lcuNo)) yield { lcuId, receivedAtMs };
  }
}
