import { join } from 'node:path';
import test from 'ava';
import { auditLedger } from '@farola/collector/proof/audit-ledger.js';
import { lcuIdentities } from '@farola/collector/fleet/lcu-identities.js';
import { RowProver } from '@farola/collector/proof/prove-row.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import { ONLY_FILES, told } from '../../fakes/audit-scene.js';
import { richHistory } from '../../fakes/rich-history.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';

test('a ledger to which much has happened agrees with itself, and what was evicted is no damage', async (t) => {
  const { rig, collector } = await richHistory(t);
  const lcus = lcuIdentities(rig.fleet);
  const prover = new RowProver({ pollKeys: [rig.identity.pollSigner.publicKey], lcus, verify: sodiumVerify });
  const months = await openSqliteLedgerMonths(join(collector, 'ledger'));
  t.teardown(() => months.close());
  const audit = auditLedger(months, prover, ONLY_FILES);
  let step = audit.next();
  while (!step.done) step = audit.next();
  t.is(step.value.months.length, 2);
  t.true(step.value.entries > 1000);
  t.deepEqual(told(step.value), []);
});
