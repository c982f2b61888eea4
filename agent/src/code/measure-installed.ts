import {
  type Clock,
  findInstalledTree,
  type Measurer,
  type PlatformSources,
  systemClock,
  systemTimers,
  toHex,
} from '@farola/shared';
import type { AgentConfig } from '../config.js';
import type { Journal } from '../journal/journal.js';
import type { Log } from '../log/log.js';
import { OWN_FOLDER } from '../version.js';
import { OwnCode } from './own-code.js';
import { OwnPlatform } from './own-platform.js';

/** An agent that runs from an installed tree: its code, measured, and what else measuring takes. */
export interface Installed {
  readonly code: OwnCode;
  readonly tree: string;
  readonly measurer: Measurer;
  readonly sources: PlatformSources;
}

/**
 * This agent with its code measured; undefined in a checkout, whose code nothing vouches for. Errors: those of
 * `measureTree` for a tree that breaks the rules.
 */
export async function measureInstalled(
  config: AgentConfig,
  log: Log,
  measurer: Measurer,
  sources: PlatformSources,
): Promise<Installed | undefined> {
  const tree = findInstalledTree(OWN_FOLDER);
  if (!tree) {
    log.info({ folder: OWN_FOLDER }, 'code is not measured: this is a checkout, not an installed tree');
    return undefined;
  }
  const checkMs = config.code.checkSeconds * 1_000;
  const code = new OwnCode({ tree, measurer, checkMs, clock: systemClock(), timers: systemTimers, log });
  await code.begin();
  log.info({ tree: tree.root, codeHash: toHex(code.state.hash ?? new Uint8Array(0)) }, 'code measured');
  return { code, tree: tree.root, measurer, sources };
}

/** What this agent runs on, to be watched in one run. */
export function platformOf(
  { tree, measurer, sources }: Installed,
  { config, clock, log }: { readonly config: AgentConfig; readonly clock: Clock; readonly log: Log },
  journal: Pick<Journal, 'epoch'>,
): OwnPlatform {
  const checkMs = config.code.checkSeconds * 1_000;
  return new OwnPlatform({ ...sources, tree, measurer, checkMs, epoch: () => journal.epoch, clock, timers: systemTimers, log });
}
