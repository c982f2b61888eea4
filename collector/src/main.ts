import {
  codeOf,
  FarolaError,
  NO_SERVICE_MANAGER,
  type ServiceManager,
  systemClock,
  systemRandom,
  systemTimers,
  type Verify,
} from '@farola/shared';
import { nodeAggregator } from './aggregate/node-aggregator.js';
import { type AskedDecision, controlOf } from './api/control.js';
import { describeEvent } from './api/describe-event.js';
import { serveControl } from './api/node-control-server.js';
import type { CollectorConfig } from './config.js';
import { FailureLog } from './failure-log.js';
import { checkFleet } from './fleet/check-fleet.js';
import { CurrentReleases, trustOf } from './fleet/current-releases.js';
import { decideStanding, repairStandings } from './fleet/decide.js';
import type { EventFact } from './fleet/derived-state.js';
import type { Fleet, Lcu } from './fleet/fleet.js';
import { rebuildDerived } from './fleet/rebuild-derived.js';
import { openSqliteState, type SqliteState } from './fleet/sqlite-state.js';
import { loadCollectorConfig } from './fs-config.js';
import { GroupCommit } from './ledger/group-commit.js';
import { openSqliteLedger } from './ledger/sqlite-ledger.js';
import { acceptEnrolment } from './link/accept-enrolment.js';
import { acceptLcu } from './link/accept-lcu.js';
import type { Channel, DialTarget, Receivers } from './link/channel.js';
import { keepDialled } from './link/keep-dialled.js';
import { RefusalLog } from './link/refusal-log.js';
import { wsLcuDialler } from './link/ws-dialler.js';
import { listenWs } from './link/ws-listener.js';
import type { Log } from './log.js';
import type { CollectorMetrics } from './metrics/collector-metrics.js';
import { metricsOf, openMetricsServer, timedLedger } from './metrics/metrics-adapters.js';
import { openPinoLog } from './pino-log.js';
import { Contacts } from './poll/contacts.js';
import { Deadlines } from './poll/deadlines.js';
import { DerivedWriter } from './poll/derived-writer.js';
import { tellAll } from './poll/poll-observer.js';
import { PollService } from './poll/poll-service.js';
import type { AnswerToStore } from './poll/take-answer.js';
import { proveByNight } from './proof-main.js';
import { repeat } from './repeat.js';
import { statusLine, watchCollector } from './service-watch.js';
import { statePaths } from './state-paths.js';
import { type CollectorKeys, loadCollectorKeys, renewServer } from './trust/fs-collector-keys.js';
import { sodiumVerify } from './trust/sodium-signer.js';
import { hostOf } from './trust/x509-authority.js';
import { RoundBook } from './uptime/round-book.js';
import { openSqliteUptime, type SqliteUptime } from './uptime/sqlite-uptime.js';

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
/** How often it is told how many refusals were left out of the log, ms. */
const REFUSALS_MS = 60_000;
/** How long a lock of another process is waited for, ms: the whole loop waits. What fails is tried again at the next tick. */
const BUSY_MS = 250;
/** Answers whose changes of the derived state are written at once: the same pages change with each of them. */
const DERIVED_AT_A_TIME = 1000;

/** Longest that repairing what a crash left may take at the start, ms. */
const REPAIR_MS = 1_800_000;

/** Rounds without a word after which a connection that was dialled is opened anew. */
const SILENT_ROUNDS = 2;

/** As a listener wants them; the name of the LCU is told where it is known before it says so. */
interface LcuReceivers extends Receivers {
  lcu(channel: Channel, expected?: string): void;
}

/** What a running collector is made of. */
interface Parts {
  readonly config: CollectorConfig;
  readonly log: Log;
  readonly service: ServiceManager;
  readonly keys: CollectorKeys;
  /** Issues a new server certificate when it is time, and gives it; undefined when it is not. */
  readonly renewed: () => Promise<CollectorKeys['tls'] | undefined>;
  readonly ledger: Awaited<ReturnType<typeof openSqliteLedger>>;
  readonly state: SqliteState;
  readonly uptime: SqliteUptime;
  readonly releases: CurrentReleases;
  readonly verify: Verify;
}

/**
 * Runs a collector until the signal. Resolves when everything is stored and closed. Errors: those of the configuration,
 * the keys and the store; `address-in-use`, `already-running`.
 */
export async function runCollector({ configPath, signal, service = NO_SERVICE_MANAGER }: RunOptions): Promise<void> {
  signal.addEventListener('abort', () => service.tell({ stopping: true }), { once: true });
  const config = await loadCollectorConfig(configPath);
  const log = openPinoLog(config.log.level);
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
    const keys = await loadCollectorKeys(paths.keys, collectorId);
    const { fleet, derived } = state;
    const onEvents = eventTeller(log, fleet);
    inSpiteOfDamage(log, () => checkFleet(fleet, ledger, paths.state));
    for (const lcu of repairStandings(fleet, ledger)) log.warn({ lcu }, 'state of the LCU taken from the ledger');
    inSpiteOfDamage(log, () => void rebuildDerived({ ledger, derived, onEvents }));
    const verify = await sodiumVerify();
    const releases = new CurrentReleases(state.releases, trustOf(config), verify);
    const onAggregates = new FailureLog(log, 'aggregates could not be made');
    const aggregator = nodeAggregator(paths, systemTimers, (report) => {
      if (report.ok) onAggregates.worked();
      else onAggregates.failed(report.code, {}, report.facts);
    });
    try {
      await serve({ config, log, service, keys, renewed, ledger, state, uptime, releases, verify }, signal);
    } finally {
      await aggregator.stop();
    }
  } finally {
    uptime.close();
    state.close();
    ledger.close();
    await service.told();
  }
  log.info({}, 'collector stopped');
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
  const { config, log, service, keys, renewed, state, ledger } = parts;
  const { fleet } = state;
  const onState = new FailureLog(log, 'state could not be read or written');
  const onUptime = new FailureLog(log, 'uptime could not be read or written');
  const uptimeFailed = (error: unknown): void => onUptime.failed(codeOf(error), { err: error });
  const { polls, writer, commit, book, metrics } = await polling(parts, onState, uptimeFailed);
  const stateFailed = (error: unknown): void => onState.failed(codeOf(error), { err: error });
  const failed = (message: string) => (error: unknown) => log.error({ code: codeOf(error), err: error }, message);
  const refusals = new RefusalLog(log);
  const refused: Receivers['refused'] = (refusal, remote) => {
    metrics?.refused(refusal.code);
    refusals.refused(refusal, remote);
  };
  const receivers = receiversOf(parts, polls, refused);
  const { host, port, strangers: limits } = config.listen;
  const listener = await listenWs({ host, port, limits, tls: keys.tls }, receivers);
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
  const lookAtRounds = (): void => {
    book.look();
    book.flush();
    onUptime.worked();
  };
  let turns = 0;
  const lookAtFleet = (): void => {
    turns++;
    writer.flush();
    const version = fleet.version();
    if (version !== seen) {
      review();
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
    repeat(systemTimers, REFUSALS_MS, () => refusals.flush(), failed('refusals could not be logged')),
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

/** Derived state that cannot be written is derived again at the next start; rounds that cannot are unknown. */
function flushAtEnd(writer: Pick<DerivedWriter, 'flush'>, failed: (error: unknown) => void): void {
  try {
    writer.flush();
  } catch (error) {
    failed(error);
  }
}

/** What polls, and what is told of it. */
interface Polling {
  readonly polls: PollService;
  readonly writer: DerivedWriter;
  readonly commit: GroupCommit<AnswerToStore>;
  readonly book: RoundBook;
  /** Undefined when the configuration asks for none. */
  readonly metrics: CollectorMetrics | undefined;
}

async function polling(parts: Parts, onState: FailureLog, uptimeFailed: (error: unknown) => void): Promise<Polling> {
  const { config, log, keys, ledger, state, uptime, releases, verify } = parts;
  const contacts = new Contacts(state.derived);
  const writer = new DerivedWriter(state.derived, contacts, DERIVED_AT_A_TIME, eventTeller(log, state.fleet));
  const clock = systemClock();
  const { fleet } = state;
  const connected = (): number => polls.counts.connected;
  const ledgerFolder = statePaths(config).ledger;
  const metrics = config.metrics && (await metricsOf({ fleet, contacts, writer, connected, ledgerFolder, clock }));
  const roundMs = config.pollSeconds * 1000;
  const isConnected = (lcuNo: number): boolean => polls.isConnected(lcuNo);
  const book = new RoundBook({ store: uptime, isConnected, clock, roundMs });
  const commit = new GroupCommit<AnswerToStore>({
    ledger: metrics ? timedLedger(ledger, metrics, clock) : ledger,
    timers: systemTimers,
    onStoring: (batch) => writer.storing(batch),
    onCommitted: (batch) => writer.committed(batch),
    onFailedHook: (error) => onState.failed(codeOf(error), { err: error }),
  });
  const polls: PollService = new PollService({
    clock,
    timers: systemTimers,
    deadlines: new Deadlines(clock, systemTimers, config.deadlineMs),
    random: systemRandom,
    verify,
    revoked: (codeHash) => releases.book.revoked(codeHash),
    ledger,
    commit,
    fleet,
    derived: writer,
    contacts,
    log,
    collectorId: config.collectorId,
    pollSigner: keys.identity.pollSigner,
    roundMs,
    observer: tellAll([...(metrics ? [metrics.polls] : []), book.observer(uptimeFailed)]),
  });
  return { polls, writer, commit, book, metrics };
}

/** Tells each event once: this is where it is notified. A late one is history, and marked so. */
function eventTeller(log: Log, fleet: Pick<Fleet, 'list'>): (events: readonly EventFact[]) => void {
  return (events) => {
    const names = new Map(fleet.list().map(({ lcuNo, lcuId }) => [lcuNo, lcuId]));
    for (const event of events) {
      const { code, facts, late, ageMs } = describeEvent(event);
      log.info({ lcu: names.get(event.lcuNo), event: code, facts, late, ageS: Math.round(ageMs / 1000) }, 'event');
    }
  };
}

function receiversOf({ keys, state, verify, log }: Parts, polls: PollService, refused: LcuReceivers['refused']): LcuReceivers {
  const { identity } = keys;
  const deps = { identity, fleet: state.fleet, verify, clock: systemClock(), timers: systemTimers, random: systemRandom };
  return {
    lcu: (channel, expected) =>
      acceptLcu(
        channel,
        deps,
        (greeted, of) => polls.attach(greeted, of),
        (refusal, { remote }) => refused(refusal, remote),
        expected,
      ),
    enrol: (channel) =>
      acceptEnrolment(channel, deps, ({ lcuId, outcome }) => {
        if (outcome === 'pending') log.info({ lcuId, outcome, remote: channel.remote }, 'enrolment');
        else refused({ ok: false, code: outcome, facts: { lcu: lcuId } }, channel.remote);
      }),
    refused,
    failed: (error, remote) => log.error({ code: codeOf(error), err: error, remote }, 'message could not be taken'),
  };
}

/** Dials the LCUs that wait for it. What they say is taken as of those that dial. */
function dialAll({ config, log }: Parts, receivers: LcuReceivers, signal: AbortSignal): Promise<void> {
  const targets: DialTarget[] = config.dial.map(({ lcu, host, port }) => ({ lcuId: lcu, host, port }));
  const silenceMs = SILENT_ROUNDS * config.pollSeconds * 1000 + config.deadlineMs;
  const deps = {
    dial: wsLcuDialler({
      clock: systemClock(),
      timers: systemTimers,
      silenceMs,
      refused: (refusal, remote) => receivers.refused(refusal, remote),
      failed: (error, remote) => receivers.failed(error, remote),
    }),
    timers: systemTimers,
    random: systemRandom,
    accept: (channel: Channel, { lcuId }: DialTarget) => receivers.lcu(channel, lcuId),
    failed: ({ code, facts }: FarolaError) => log.warn({ ...facts, code }, 'LCU not reached'),
  };
  return keepDialled(targets, deps, signal);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
