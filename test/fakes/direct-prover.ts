import type { LedgerProver } from '@farola/collector/proof/ledger-prover.js';
import type { ProofTask } from '@farola/collector/proof/proof-book.js';
import { proveSlice } from '@farola/collector/proof/proof-slice.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import { testProver } from './audit-scene.js';

/** Proves a ledger on the thread of the test. @param seen told of each slice that was asked @param sliceRows rows of one */
export function directProver(
  folder: string,
  seen: (task: ProofTask) => void = () => undefined,
  sliceRows?: number,
): LedgerProver {
  const prover = testProver();
  return {
    async spans() {
      const months = await openSqliteLedgerMonths(folder);
      const spans = months.list().map((month) => ({ month, keys: months.open(month).keySpan() }));
      months.close();
      return spans;
    },
    async slice(task, cursor) {
      seen(task);
      const months = await openSqliteLedgerMonths(folder);
      const outcome = proveSlice(task, cursor, months, prover, sliceRows);
      months.close();
      return outcome;
    },
    close: async () => undefined,
  };
}
