import { FarolaError, isName, counted } from '@farola/shared';
import { askControl } from '../api/node-control-client.js';
import { loadCollectorConfig } from '../config/fs-config.js';
import { type CommandOptions, say } from './command-options.js';

/** Polls one LCU now, through the running collector. Errors: `collector-not-running`, or the verdict of the poll. */
export async function pollCommand(lcuId: string, options: CommandOptions & { readonly json?: boolean }): Promise<void> {
  if (!isName(lcuId)) throw new FarolaError('name-invalid', { what: 'LCU', name: lcuId });
  const { runDir } = await loadCollectorConfig(options.config);
  const { entriesStored = null, backlog = null } = await askControl(runDir, 'POST', `/poll/${lcuId}`);
  const stored = counted(Number(entriesStored), 'new entry', 'new entries');
  say(options, { lcuId, entriesStored, backlog }, `${lcuId}: ok, ${stored}, ${waiting(backlog)}`);
}

/** A connection may end before what it brought is stored: then nobody knows. */
function waiting(backlog: unknown): string {
  return typeof backlog === 'number' ? `${backlog} waiting` : 'connection gone';
}
