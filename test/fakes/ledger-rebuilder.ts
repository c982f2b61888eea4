import { writeSync } from 'node:fs';
import { sqliteAggregatePart } from '@farola/collector/aggregate/sqlite-aggregate-part.js';
import { rebuildCommand } from '@farola/collector/cli/ledger-rebuild.js';
import { statePaths } from '@farola/collector/config/state-paths.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';

/**
 * A program for tests that kill it: `ledger rebuild` by the configuration of its first argument, which stands still at the line of result that
 * begins with its second; or at the first step of the aggregates of the state folder of its third, where the second is `step`. It prints `stands`.
 */
const [, , config = '', at = '', stateDir = ''] = process.argv;

function stand(): void {
  writeSync(1, 'stands\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

if (at === 'step') {
  const paths = statePaths({ stateDir });
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const part = sqliteAggregatePart(paths.aggregates, () => openSqliteState({ path: paths.state }));
  await part.rebuild(ledger).next();
  stand();
} else {
  const out = (line: string): void => {
    if (line.startsWith(at)) stand();
  };
  await rebuildCommand({ config, out });
}
