import { lcuIdentities } from '@farola/collector/fleet/lcu-identities.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import { auditLedger, type AuditReport } from '@farola/collector/proof/audit-ledger.js';
import { RowProver } from '@farola/collector/proof/prove-row.js';
import { ONLY_FILES } from './audit-scene.js';
import type { CollectorRig } from './collector-rig.js';
import { sodiumVerify } from './sodium-verify.js';

/** What `ledger verify` finds in the ledger of a rig. @param folder of the ledger */
export async function auditRig(rig: CollectorRig, folder: string): Promise<AuditReport> {
  rig.writer.flush();
  const pollKeys = [rig.identity.pollSigner.publicKey];
  const prover = new RowProver({ pollKeys, lcus: lcuIdentities(rig.fleet), verify: sodiumVerify });
  const months = await openSqliteLedgerMonths(folder);
  try {
    const audit = auditLedger(months, prover, ONLY_FILES);
    let step = audit.next();
    while (!step.done) step = audit.next();
    return step.value;
  } finally {
    months.close();
  }
}
