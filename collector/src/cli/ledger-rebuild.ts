import { counted } from '@farola/shared';
import { checkFleet } from '../fleet/check-fleet.js';
import { openSqliteState } from '../fleet/sqlite-state.js';
import { openSqliteLedger } from '../ledger/sqlite-ledger.js';
import { type StatePaths, statePaths } from '../config/state-paths.js';
import { checkInitialised } from './check-initialised.js';
import type { CommandOptions } from './command-options.js';
import { derivedParts } from './derived-parts.js';
import { ProgressLine } from './progress-line.js';
import { withConfig } from './with-config.js';

/** Options of `ledger rebuild`. */
export interface RebuildOptions extends CommandOptions {
  readonly json?: boolean;
}

/**
 * Makes everything that is derived from the ledger anew, while no collector runs. Errors: `already-running`; `fleet-lost`
 * when the fleet is not that of the ledger; those of configuration and stores.
 */
export async function rebuildCommand(options: RebuildOptions): Promise<void> {
  await withConfig(options.config, (config) => rebuildAll(statePaths(config), options));
}

async function rebuildAll(paths: StatePaths, { json, out, note }: RebuildOptions): Promise<void> {
  checkInitialised(paths);
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const progress = new ProgressLine();
  try {
    await checkState(paths, ledger);
    const onSetAside = (damaged: string): void => (note ?? out)(`note: the old file was damaged, and lies at ${damaged}`);
    for (const part of derivedParts(paths, onSetAside)) {
      const began = performance.now();
      const rebuilding = part.rebuild(ledger);
      let step = await rebuilding.next();
      for (; !step.done; step = await rebuilding.next()) progress.show(part.name, step.value.rows, step.value.share);
      progress.end();
      const seconds = Number(((performance.now() - began) / 1000).toFixed(3));
      if (json) out(JSON.stringify({ part: part.name, answers: step.value, tookSeconds: seconds }));
      else out(`${part.name}: made anew from ${counted(step.value, 'answer')} in ${seconds.toFixed(1)} s`);
    }
  } finally {
    progress.end();
    ledger.close();
  }
}

async function checkState(paths: StatePaths, ledger: Parameters<typeof checkFleet>[1]): Promise<void> {
  const state = await openSqliteState({ path: paths.state });
  try {
    checkFleet(state.fleet, ledger, paths.state);
  } finally {
    state.close();
  }
}
