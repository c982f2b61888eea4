import {
  codeOf,
  FarolaError,
  NO_SERVICE_MANAGER,
  sameBytes,
  type ServiceManager,
  systemClock,
  systemTimers,
} from '@farola/shared';
import { aborted } from './main/aborted.js';
import { nodeAggregator } from './aggregate/node-aggregator.js';
import { type AskedDecision, controlOf } from './api/control.js';
import { serveControl } from './api/node-control-server.js';
import { eventTeller } from './main/event-teller.js';
import type { CollectorConfig } from './config.js';
import { FailureLog } from './log/failure-log.js';
import { checkFleet } from './fleet/check-fleet.js';
import { CurrentReleases, trustOf } from './fleet/current-releases.js';
import { decideStanding, repairStandings } from './fleet/decide.js';
import type { Lcu } from './fleet/fleet.js';
import { rebuildDerived } from './fleet/rebuild-derived.js';
import { WallClockWatch } from './fleet/wall-clock-watch.js';
import { openSqliteState } from './fleet/sqlite-state.js';
import { loadCollectorConfig } from './fs-config.js';
import { openSqliteLedger } from './ledger/sqlite-ledger.js';
import type { Listener, Receivers } from './link/channel.js';
import { KeysInForce } from './link/keys-in-force.js';
import { KeysRound } from './link/keys-round.js';
import { LcuLines } from './log/lcu-lines.js';
import { RefusalLog } from './log/refusal-log.js';
import { listenWs } from './link/ws-listener.js';
import type { Log } from './log/log.js';
import { openMetricsServer } from './metrics/metrics-adapters.js';
import { openPinoLog } from './log/pino-log.js';
import type { DerivedWriter } from './poll/derived-writer.js';
import type { PollService } from './poll/poll-service.js';
import { proveByNight } from './main/proof.js';
import { repeat } from './main/repeat.js';
import { statusLine, watchCollector } from './main/service-watch.js';
import { statePaths } from './state-paths.js';
import { loadCollectorKeys, renewServer } from './trust/fs-collector-keys.js';
import { FsKeysWatch } from './trust/fs-keys-watch.js';
import { sodiumVerify } from './trust/sodium-signer.js';
import { hostOf } from './trust/x509-authority.js';
import { OldRounds } from './uptime/old-rounds.js';
import { openSqliteUptime } from './uptime/sqlite-uptime.js';
import { whileMounted } from './main/while-mounted.js';
import type { Parts } from './main/parts.js';
import { polling } from './main/polling.js';
import { dialAll, receiversOf } from './main/receivers.js';

/** How to run a collector. */
export interface RunOptions {
  readonly configPath: string;
  /** Stops it in order. */
  readonly signal: AbortSignal;
  /** Told when it serves, how it is, and when it ends; nobody when it is not told. */
  readonly service?: ServiceManager;
}

/** How often the fleet is looked at for changes by other processes, and what waits of the derived state is written, ms. */
const TICK_MS = 1000;
/** How often the server certificate is looked at, ms. */
const RENEWAL_MS = 86_400_000;
/** How often it is told how many lines were left out of the log, ms. */
const LEFT_OUT_MS = 60_000;
/** How long a lock of another process is waited for, ms: the whole loop waits. What fails is tried again at the next tick. */
const BUSY_MS = 250;
/** Longest that repairing what a crash left may take at the start, ms. */
const REPAIR_MS = 1_800_000;

/**
 * Runs a collector until the signal. Resolves when everything is stored and closed. Errors: those of the configuration,
 * the keys and the store; `address-in-use`, `already-running`. It closes everything when the disk of its state was
 * unmounted under it, and begins anew when that is back.
 */
export async function runCollector({ configPath, signal, service = NO_SERVICE_MANAGER }: RunOptions): Promise<void> {
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
  const { collectorId, publicAddress } = config;
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const state = await openSqliteState({ path: paths.state, busyMs: BUSY_MS });
  const uptime = await openSqliteUptime({ path: paths.uptime, busyMs: BUSY_MS });
  try {
    service.tell({ moreTimeMs: REPAIR_MS, status: 'looks through ledger and fleet' });
    const renewed: Parts['renewed'] = async () => {
      if (!(await renewServer(paths.keys, collectorId, hostOf(publicAddress), systemClock()))) return undefined;
      log.info({}, 'server certificate renewed');
      return (await loadCollectorKeys(paths.keys, collectorId)).tls;
    };
    await renewed();
    const keysWatch = new FsKeysWatch(paths.keys, collectorId);
    const loaded = (await keysWatch.look(() => false)) ?? (await loadCollectorKeys(paths.keys, collectorId));
    const keys = new KeysInForce(loaded.identity);
    const { fleet, derived, keysBook: book } = state;
    const onEvents = eventTeller(log, fleet);
    inSpiteOfDamage(log, () => checkFleet(fleet, ledger, paths.state));
    for (const lcu of repairStandings(fleet, ledger)) log.warn({ lcu }, 'state of the LCU taken from the ledger');
    inSpiteOfDamage(log, () => void rebuildDerived({ ledger, derived, onEvents }));
    const clockWatch = new WallClockWatch({ clock: systemClock(), losses: state.ageLosses, log });
    clockWatch.start();
    const verify = await sodiumVerify();
    const releases = new CurrentReleases(state.releases, trustOf(config), verify);
    const keysRound = new KeysRound({ keys, book, fleet, verify, clock: systemClock(), log });
    const held = { keys, keysWatch, keysRound, tls: loaded.tls, command: { signer: loaded.commandSigner } };
    const onAggregates = new FailureLog(log, 'aggregates could not be made');
    const aggregator = nodeAggregator(paths, systemTimers, (report) => {
      if (report.ok) onAggregates.worked();
      else onAggregates.failed(report.code, {}, report.facts);
    });
    try {
      await serve({ config, log, service, ...held, renewed, ledger, state, uptime, releases, verify, clockWatch }, signal);
    } finally {
      await aggregator.stop();
    }
  } finally {
    uptime.close();
    state.close();
    ledger.close();
  }
}

/** Damage in the ledger concerns the LCUs whose answers lie there; the others are served. */
function inSpiteOfDamage(log: Log, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'ledger-corrupt') throw error;
    const { code, facts, hint } = error;
    log.error({ code, ...facts, hint }, 'the ledger is damaged: the collector runs without what lies there');
  }
}

async function serve(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, log, service, tls: firstTls, keys, renewed, state, ledger, clockWatch } = parts;
  const { fleet } = state;
  const onState = new FailureLog(log, 'state could not be read or written');
  const onUptime = new FailureLog(log, 'uptime could not be read or written');
  const uptimeFailed = (error: unknown): void => onUptime.failed(codeOf(error), { err: error });
  const { polls, writer, commit, book, commandRound, metrics } = await polling(parts, {
    clock: systemClock(),
    roundTimers: systemTimers,
    onState,
    uptimeFailed,
  });
  const stateFailed = (error: unknown): void => onState.failed(codeOf(error), { err: error });
  const failed = (message: string) => (error: unknown) => log.error({ code: codeOf(error), err: error }, message);
  const refusals = new RefusalLog(log);
  const refused: Receivers['refused'] = (refusal, remote) => {
    metrics?.refused(refusal.code);
    refusals.refused(refusal, remote);
  };
  const receivers = receiversOf(parts, polls, refused);
  const { host, port, strangers: limits } = config.listen;
  const listener = await listenWs({ host, port, limits, tls: firstTls }, receivers);
  const review = (): void => {
    polls.review((lcuId) => fleet.find(lcuId));
    book.setRoster(fleet.list());
  };
  const decide = (lcuId: string, asked: AskedDecision): Lcu => {
    const lcu = decideStanding({ ledger, fleet }, lcuId, { ...asked, atMs: systemClock().now().wallMs });
    review();
    return lcu;
  };
  const control = await serveControl(config.runDir, controlOf({ polls, fleet, decide, writeDerived: () => writer.flush() }));
  const metricsServer = config.metrics && metrics && (await openMetricsServer(metrics, config.metrics, log));
  let seen = fleet.version();
  parts.releases.read();
  book.setRoster(fleet.list());
  const oldRounds = new OldRounds({ store: parts.uptime, clock: systemClock(), keepMonths: config.uptime.keepMonths });
  const lookAtRounds = (): void => {
    book.look();
    book.flush();
    oldRounds.look();
    onUptime.worked();
  };
  let turns = 0;
  const lookAtFleet = (): void => {
    turns++;
    writer.flush();
    clockWatch.look();
    const version = fleet.version();
    if (version !== seen) {
      review();
      commandRound.review();
      parts.releases.read();
    }
    seen = version;
    onState.worked();
  };
  const renew = async (): Promise<void> => {
    const tls = await renewed();
    if (tls) listener.replaceTls(tls);
  };
  const stopChores = [
    repeat(systemTimers, TICK_MS, lookAtFleet, stateFailed),
    repeat(systemTimers, TICK_MS, lookAtRounds, uptimeFailed),
    repeat(systemTimers, TICK_MS, () => lookAtKeys(parts, listener, polls), failed('keys could not be looked at')),
    repeat(systemTimers, LEFT_OUT_MS, () => refusals.flush(), failed('refusals could not be logged')),
    repeat(systemTimers, RENEWAL_MS, renew, failed('server certificate could not be renewed')),
  ];
  const stopProof = await proveByNight({ config, log, identity: keys.identity, fleet, verify: parts.verify });
  log.info({ address: listener.address, collectorId: config.collectorId, roundS: config.pollSeconds }, 'collector runs');
  const dialling = dialAll(parts, receivers, signal);
  service.tell({ ready: true, status: statusLine(polls) });
  const watched = { manager: service, polls, chores: () => turns, config, clock: systemClock(), timers: systemTimers, log };
  const watching = watchCollector(watched, signal);
  await aborted(signal);
  for (const stop of stopChores) stop();
  book.close();
  await Promise.all([stopProof(), control.close(), metricsServer?.close()]);
  await Promise.all([listener.close(), polls.stop(), dialling, watching]);
  commit.close();
  flushAtEnd(writer, stateFailed);
  flushAtEnd(book, uptimeFailed);
}

/** Goes on with keys that a command replaced, and ends a rotation when every LCU has the next ones, or its time is over. */
async function lookAtKeys(
  { keys, keysWatch, keysRound, command, log }: Parts,
  listener: Pick<Listener, 'replaceTls'>,
  polls: PollService,
): Promise<void> {
  const { wallMs } = systemClock().now();
  const replaced = await keysWatch.look(({ untilMs }) => wallMs >= untilMs || keysRound.missing().length === 0);
  if (!replaced) return;
  const { identity, commandSigner, tls, newest } = replaced;
  const before = keys.accepted;
  keys.replace(identity);
  command.signer = commandSigner;
  listener.replaceTls(tls);
  log.info({ sequence: newest.keys.sequence }, 'keys replaced');
  if (!before.some((key) => sameBytes(key, identity.pollSigner.publicKey))) polls.hangUp();
}

/** Derived state that cannot be written is derived again at the next start; rounds that cannot are unknown. */
function flushAtEnd(writer: Pick<DerivedWriter, 'flush'>, failed: (error: unknown) => void): void {
  try {
    writer.flush();
  } catch (error) {
    failed(error);
  }
}
