import { findInstalledTree, type Measurer, systemTimers, toHex } from '@farola/shared';
import type { AgentConfig } from '../config.js';
import type { Log } from '../log.js';
import { OWN_FOLDER } from '../version.js';
import { OwnCode } from './own-code.js';

/** The code of this agent, measured; undefined in a checkout, whose code nothing vouches for. */
export async function measureOwnCode(
  config: AgentConfig,
  log: Log,
  measurer: Measurer,
  platformFiles: readonly string[],
): Promise<OwnCode | undefined> {
  const tree = findInstalledTree(OWN_FOLDER);
  if (!tree) {
    log.info({ folder: OWN_FOLDER }, 'code is not measured: this is a checkout, not an installed tree');
    return undefined;
  }
  const code = new OwnCode({
    tree,
    measurer,
    platformFiles,
    checkMs: config.code.checkSeconds * 1_000,
    timers: systemTimers,
    log,
  });
  await code.begin();
  log.info({ tree: tree.root, codeHash: toHex(code.state.hash ?? new Uint8Array(0)) }, 'code measured');
  return code;
}
