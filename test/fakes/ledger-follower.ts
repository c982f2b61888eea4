import { LedgerFollower } from '@farola/collector/aggregate/follow-ledger.js';
import { openSqliteAggregates } from '@farola/collector/aggregate/sqlite-aggregates.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';

/**
 * A program for tests that kill it: follows the ledger in the folder of its first argument into the file of its second,
 * prints a line with each step, and `done` when nothing is left.
 */
const [, , folder = '', path = ''] = process.argv;
const ledger = await openSqliteLedgerReader(folder);
const store = await openSqliteAggregates(path);
const follower = new LedgerFollower({
  ledger,
  fleet: { list: () => [{ lcuNo: 0 } as Lcu], version: () => 1 },
  derived: { panelStays: () => [{ panel: 'plaza', lcuId: 'malaga-0042', fromMs: 0, toMs: null }] },
  store,
  now: () => Date.now(),
});
while (follower.step()) process.stdout.write('step\n');
process.stdout.write('done\n');
store.close();
ledger.close();
