import type { ServiceManager, Signer, Verify } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { type CurrentReleases } from '../fleet/current-releases.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import type { WallClockWatch } from '../fleet/wall-clock-watch.js';
import { type openSqliteLedger } from '../ledger/sqlite-ledger.js';
import { type KeysInForce } from '../link/keys-in-force.js';
import { type KeysRound } from '../link/keys-round.js';
import type { Log } from '../log/log.js';
import type { CollectorKeys } from '../trust/fs-collector-keys.js';
import { type FsKeysWatch } from '../trust/fs-keys-watch.js';
import type { UptimeStore } from '../uptime/uptime-store.js';

/** What a running collector is made of. */
export interface Parts {
  readonly config: CollectorConfig;
  readonly log: Log;
  readonly service: ServiceManager;
  /** As they were at the start. */
  readonly tls: CollectorKeys['tls'];
  readonly keys: KeysInForce;
  readonly keysWatch: FsKeysWatch;
  readonly keysRound: KeysRound;
  /** Signs commands; replaced with the other keys. */
  readonly command: { signer: Signer };
  /** Issues a new server certificate when it is time, and gives it; undefined when it is not. */
  readonly renewed: () => Promise<CollectorKeys['tls'] | undefined>;
  readonly ledger: Awaited<ReturnType<typeof openSqliteLedger>>;
  readonly state: SqliteState;
  readonly uptime: UptimeStore;
  readonly releases: CurrentReleases;
  readonly verify: Verify;
  readonly clockWatch: WallClockWatch;
}
