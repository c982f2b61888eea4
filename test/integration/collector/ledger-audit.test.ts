import { join } from 'node:path';
import test from 'ava';
import { told } from '../../fakes/audit-scene.js';
import { auditRig } from '../../fakes/audited-rig.js';
import { richHistory } from '../../fakes/rich-history.js';

test('a ledger to which much has happened agrees with itself, and what was evicted is no damage', async (t) => {
  const { rig, collector } = await richHistory(t);
  const report = await auditRig(rig, join(collector, 'ledger'));
  t.is(report.months.length, 2);
  t.true(report.entries > 1000);
  t.deepEqual(told(report), []);
});
