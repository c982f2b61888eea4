import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { initCollector } from '@farola/collector/cli/init.js';
import { type StatePaths, statePaths } from '@farola/collector/config/state-paths.js';
import { loadCollectorKeys } from '@farola/collector/trust/fs-collector-keys.js';
import { type CollectorRig, openRig } from './collector-rig.js';
import { temporaryFolder } from './temporary-folder.js';
import type { FakeTime } from './fake-time.js';

/** A collector on the disk, as `init` made it and a rig fills it. */
export interface CollectorOnDisk {
  /** The file of its configuration. */
  readonly config: string;
  readonly stateDir: string;
  readonly paths: StatePaths;
  readonly rig: CollectorRig;
  /** Opens it again, after the rig was closed. */
  reopen(): Promise<CollectorRig>;
}

/** Makes one with keys of its own; whoever runs commands on its files closes the rig first. */
export async function collectorOnDisk(t: ExecutionContext, time?: FakeTime): Promise<CollectorOnDisk> {
  const folder = temporaryFolder(t);
  const [config, stateDir] = [join(folder, 'collector.yaml'), join(folder, 'state')];
  const places = { stateDir, runDir: join(folder, 'run'), pollSeconds: '300' };
  await initCollector({ config, id: 'malaga', address: 'wss://collector.example.org:8443', ...places, out: () => undefined });
  const paths = statePaths({ stateDir });
  const { identity } = await loadCollectorKeys(paths.keys, 'malaga');
  const reopen = (): Promise<CollectorRig> =>
    openRig(t, { ledger: paths.ledger, state: stateDir, identity, ...(time ? { time } : {}) });
  return { config, stateDir, paths, rig: await reopen(), reopen };
}
