import { FarolaError } from '@farola/shared';
import type { FleetStatus } from '../status/fleet-status.js';
import { detailLines } from '../status/status-details.js';
import { statusLines } from '../status/status-table.js';
import type { CommandOptions } from './command-options.js';
import { nameConfig } from './name-config.js';
import { readFleetStatus } from './read-fleet-status.js';
import { withConfig } from './with-config.js';

/** Options of `status`. */
export interface StatusOptions extends CommandOptions {
  readonly lcuId?: string | undefined;
  readonly all?: boolean;
  readonly json?: boolean;
  /** End with an exit code that says how it is. */
  readonly check?: boolean;
}

/**
 * Prints how the fleet is, or one LCU. Errors: `lcu-unknown`, those of configuration and store; with `--check` also
 * `collector-not-running`, `fleet-down`, `fleet-attention`, `collector-attention`.
 */
export async function printStatus({ config: path, lcuId, all, json, check, out, columns }: StatusOptions): Promise<void> {
  const { status, runDir } = await withConfig(path, async (config) => ({
    status: await readFleetStatus(config, lcuId),
    runDir: config.runDir,
  }));
  const naming = (text: string): string => nameConfig(text, path);
  if (json) out(JSON.stringify(status));
  else (lcuId === undefined ? statusLines(status, all, columns, naming) : detailLines(status, columns, naming)).forEach(out);
  if (check) checkStatus(status, runDir);
}

function checkStatus({ collector, summary, lcus, troubles }: FleetStatus, runDir: string): void {
  if (!collector.running) throw new FarolaError('collector-not-running', { path: runDir });
  const [first] = lcus;
  const served = summary.active + summary.quarantined;
  if (first?.level === 'down') throw new FarolaError('fleet-down', { down: summary.down, served, first: first.lcuId });
  if (first?.level === 'attention') throw new FarolaError('fleet-attention', { count: summary.attention, first: first.lcuId });
  const [trouble] = collector.notStored ? [collector.notStored] : troubles;
  if (trouble) throw new FarolaError('collector-attention', { first: trouble.message });
}
