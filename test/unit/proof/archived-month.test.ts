import { chmodSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { AuditScene, told } from '../../fakes/audit-scene.js';
import { runPowerlessNode } from '../../fakes/powerless-node.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Proves the ledger in the folder of its first argument, and prints rows and findings. */
const PROVE = `
  import { auditLedger } from '@farola/collector/proof/audit-ledger.js';
  import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
  import { ONLY_FILES, testProver } from '../../fakes/audit-scene.js';
  const months = await openSqliteLedgerMonths(process.argv[1]);
  const steps = auditLedger(months, testProver(), ONLY_FILES);
  let step = steps.next();
  while (!step.done) step = steps.next();
  console.log(step.value.rows, step.value.findings.kept.length);
`;

test('a month that was moved away and comes back read-only is proven as before, and goes on being the past of the next', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(20);
  await scene.append(testAnswer(chain, 1, 10, { receivedAtMs: Date.UTC(2026, 10, 30) }));
  await scene.append(testAnswer(chain, 11, 20, { receivedAtMs: Date.UTC(2026, 11, 1) }));
  const archive = join(temporaryFolder(t), '2026-11.db');
  renameSync(scene.path('2026-11'), archive);
  t.deepEqual(told(await scene.audit()), ['gone 2026-12 1..10 held by an older file, which is not here or lost it']);
  chmodSync(archive, 0o444);
  renameSync(archive, scene.path('2026-11'));
  t.is(await runPowerlessNode(PROVE, HERE, scene.folder), '2 0\n');
  t.is(statSync(scene.path('2026-11')).mode & 0o777, 0o444);
});
