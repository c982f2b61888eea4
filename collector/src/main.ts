import {
  codeOf,
  FarolaError,
  NO_SERVICE_MANAGER,
  outliveOutput,
  type ServiceManager,
  systemClock,
  systemTimers,
} from '@farola/shared';
import { nodeAggregator } from './aggregate/node-aggregator.js';
import type { CollectorConfig } from './config.js';
import { checkFleet } from './fleet/check-fleet.js';
import { CurrentReleases, trustOf } from './fleet/current-releases.js';
import { repairDecisions, repairStandings } from './fleet/decide.js';
import { lostRows, recountStored } from './main/recount-stored.js';
import { rebuildDerived } from './fleet/rebuild-derived.js';
import { openSqliteState } from './fleet/sqlite-state.js';
import { WallClockWatch } from './fleet/wall-clock-watch.js';
import { loadCollectorConfig } from './config/fs-config.js';
import { openSqliteLedger } from './ledger/sqlite-ledger.js';
import { KeysInForce } from './link/keys-in-force.js';
import { KeysRound } from './link/keys-round.js';
import { FailureLog } from './log/failure-log.js';
import { LcuLines } from './log/lcu-lines.js';
import type { Log } from './log/log.js';
import { openPinoLog } from './log/pino-log.js';
import { LEFT_OUT_MS } from './main/chores.js';
import { eventTeller } from './main/event-teller.js';
import type { Parts } from './main/parts.js';
import { repeat } from './main/repeat.js';
import { serve } from './main/serve.js';
import { whileMounted } from './main/while-mounted.js';
import { statePaths } from './config/state-paths.js';
import { loadCollectorKeys, renewServer } from './trust/fs-collector-keys.js';
import { FsKeysWatch } from './trust/fs-keys-watch.js';
import { sodiumVerify } from './trust/sodium-signer.js';
import { hostOf } from './trust/x509-authority.js';
import { openSqliteUptime } from './uptime/sqlite-uptime.js';
import { unopenedUptime } from './uptime/unopened-uptime.js';
import type { UptimeStore } from './uptime/uptime-store.js';

/** How to run a collector. */
export interface RunOptions {
  readonly configPath: string;
  /** Stops it in order. */
  readonly signal: AbortSignal;
  /** Told when it serves, how it is, and when it ends; nobody when it is not told. */
  readonly service?: ServiceManager;
}

/** How long a lock of another process is waited for, ms: the whole loop waits. What fails is tried again at the next tick. */
const BUSY_MS = 250;
/** Codes of a file that its disk or its own bytes fail. */
const UNREADABLE: ReadonlySet<string> = new Set(['ledger-corrupt', 'disk-failure']);
/** Longest that repairing what a crash left may take at the start, ms. */
const REPAIR_MS = 1_800_000;

/**
 * Runs a collector until the signal. Resolves when everything is stored and closed. Errors: those of the configuration,
 * the keys and the store; those of `listenFailure`, `already-running`. It goes on where its log cannot be written. It closes everything when the disk of its state was
 * unmounted under it, and begins anew when that is back.
 */
export async function runCollector({ configPath, signal, service = NO_SERVICE_MANAGER }: RunOptions): Promise<void> {
  outliveOutput();
  signal.addEventListener('abort', () => service.tell({ stopping: true }), { once: true });
  const config = await loadCollectorConfig(configPath);
  const log = new LcuLines(openPinoLog(config.log.level));
  const uncounted = (error: unknown): void =>
    log.error({ code: codeOf(error), err: error }, 'lines left out could not be logged');
  const stopLines = repeat(systemTimers, LEFT_OUT_MS, () => log.flush(), uncounted);
  const mount = { path: statePaths(config).state, clock: systemClock(), timers: systemTimers, log, manager: service };
  try {
    await whileMounted(mount, (until) => runOnDisk(config, log, service, until), signal);
  } finally {
    stopLines();
    log.flush();
    await service.told();
  }
  log.info({}, 'collector stopped');
}

/** Opens everything, serves until the signal, and closes everything. */
async function runOnDisk(config: CollectorConfig, log: Log, service: ServiceManager, signal: AbortSignal): Promise<void> {
  const paths = statePaths(config);
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const state = await openSqliteState({ path: paths.state, busyMs: BUSY_MS });
  const uptime = await openUptime(paths.uptime);
  try {
    service.tell({ moreTimeMs: REPAIR_MS, status: 'looks through ledger and fleet' });
    const held = await loadKeys(config, log);
    repair({ ledger, state, log }, paths.state);
    const clockWatch = new WallClockWatch({ clock: systemClock(), losses: state.ageLosses, log });
    clockWatch.start();
    const verify = await sodiumVerify();
    const releases = new CurrentReleases(state.releases, trustOf(config), verify);
    const { fleet, keysBook: book } = state;
    const keysRound = new KeysRound({ keys: held.keys, book, fleet, verify, clock: systemClock(), log });
    const onAggregates = new FailureLog(log, 'aggregates could not be made');
    const aggregator = nodeAggregator(paths, systemTimers, (report) => {
      if (report.ok) onAggregates.worked();
      else onAggregates.failed(report.code, {}, report.facts);
    });
    try {
      await serve({ config, log, service, ...held, keysRound, ledger, state, uptime, releases, verify, clockWatch }, signal);
    } finally {
      await aggregator.stop();
    }
  } finally {
    uptime.close();
    state.close();
    ledger.close();
  }
}

/** Uptime, whether its file can be read or not: without it LCUs are polled all the same. Errors: `permission-denied`, `store-newer`. */
async function openUptime(path: string): Promise<UptimeStore & { close(): void }> {
  try {
    return await openSqliteUptime({ path, busyMs: BUSY_MS });
  } catch (error) {
    if (!(error instanceof FarolaError) || !UNREADABLE.has(error.code)) throw error;
    return unopenedUptime(error);
  }
}

/** The keys as they are on the disk, with a server certificate that is renewed where it is time, and what watches them. */
async function loadKeys(
  config: CollectorConfig,
  log: Log,
): Promise<Pick<Parts, 'renewed' | 'keys' | 'keysWatch' | 'tls' | 'command'>> {
  const { collectorId, publicAddress } = config;
  const { keys: folder } = statePaths(config);
  const renewed: Parts['renewed'] = async () => {
    if (!(await renewServer(folder, collectorId, hostOf(publicAddress), systemClock()))) return undefined;
    log.info({}, 'server certificate renewed');
    return (await loadCollectorKeys(folder, collectorId)).tls;
  };
  await renewed();
  const keysWatch = new FsKeysWatch(folder, collectorId);
  const { identity, tls, commandSigner } = (await keysWatch.look(() => false)) ?? (await loadCollectorKeys(folder, collectorId));
  return { renewed, keysWatch, keys: new KeysInForce(identity), tls, command: { signer: commandSigner } };
}

/** Brings fleet and derived state to what the ledger holds: a crash may have come between the two. */
function repair({ ledger, state, log }: Pick<Parts, 'ledger' | 'state' | 'log'>, statePath: string): void {
  const { fleet, derived } = state;
  inSpiteOfDamage(log, () => checkFleet(fleet, ledger, statePath));
  for (const lcu of repairStandings(fleet, ledger)) log.warn({ lcu }, 'state of the LCU taken from the ledger');
  for (const lcu of repairDecisions(fleet, ledger))
    log.warn({ lcu }, 'the ledger lost decisions about the LCU: noted in it again');
  inSpiteOfDamage(log, () => {
    const isRecounted = lostRows(ledger, derived);
    rebuildDerived({ ledger, derived, onEvents: eventTeller(log, fleet) });
    if (!isRecounted) return;
    const lcus = recountStored({ ledger, derived, fleet });
    if (lcus > 0) log.warn({ lcus }, 'the ledger ends before what is known of it: stored entries are counted anew');
  });
}

/** Damage in the ledger concerns the LCUs whose answers lie there; the others are served. */
function inSpiteOfDamage(log: Log, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'ledger-corrupt') throw error;
    const { code, facts, hint } = error;
    log.error({ code, ...facts, hint }, 'a file is damaged: the collector runs without what lies there');
  }
}
