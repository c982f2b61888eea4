import type { LcuIdentity } from '../proof/prove-row.js';
import type { FleetReader, LcuRecords } from './fleet.js';

/** Every LCU with all keys that it ever had, as the ledger is proven by them. */
export function lcuIdentities(fleet: Pick<FleetReader, 'list'> & Pick<LcuRecords, 'keyHistory'>): LcuIdentity[] {
  return fleet.list().map(({ lcuNo, lcuId }) => {
    return { lcuNo, lcuId, publicKeys: fleet.keyHistory(lcuNo).map(({ publicKey }) => publicKey) };
  });
}
