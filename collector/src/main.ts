import {
  codeOf,
  FarolaError,
  sameBytes,
  systemClock,
  systemRandom,
  systemTimers,
  type Signer,
  type Verify,
} from '@farola/shared';
import { type AskedDecision, controlOf } from './api/control.js';
import { serveControl } from './api/node-control-server.js';
import type { CollectorConfig } from './config.js';
import { eventTeller } from './event-teller.js';
import { FailureLog } from './failure-log.js';
import { checkFleet } from './fleet/check-fleet.js';
import { CurrentReleases, trustOf } from './fleet/current-releases.js';
import { decideStanding, repairStandings } from './fleet/decide.js';
import type { Lcu } from './fleet/fleet.js';
import { rebuildDerived } from './fleet/rebuild-derived.js';
import { openSqliteState, type SqliteState } from './fleet/sqlite-state.js';
import { loadCollectorConfig } from './fs-config.js';
import { GroupCommit } from './ledger/group-commit.js';
import { openSqliteLedger } from './ledger/sqlite-ledger.js';
import { acceptEnrolment } from './link/accept-enrolment.js';
import { acceptLcu } from './link/accept-lcu.js';
import type { Channel, DialTarget, Listener, Receivers } from './link/channel.js';
import { CommandRound } from './link/command-round.js';
import { handKeys } from './link/hand-keys.js';
import { handKeysFirst } from './link/hand-keys-first.js';
import { keepDialled } from './link/keep-dialled.js';
import { KeysInForce } from './link/keys-in-force.js';
import { KeysRound } from './link/keys-round.js';
import { RefusalLog } from './link/refusal-log.js';
import { wsLcuDialler, type WsDiallerOptions } from './link/ws-dialler.js';
import { listenWs } from './link/ws-listener.js';
import type { Log } from './log.js';
import { openPinoLog } from './pino-log.js';
import { Contacts } from './poll/contacts.js';
import { DerivedWriter } from './poll/derived-writer.js';
import { PollService } from './poll/poll-service.js';
import type { AnswerToStore } from './poll/take-answer.js';
import { repeat } from './repeat.js';
import { statePaths } from './state-paths.js';
import { aborted } from './aborted.js';
import { type CollectorKeys, loadCollectorKeys, renewServer } from './trust/fs-collector-keys.js';
import { FsKeysWatch } from './trust/fs-keys-watch.js';
import { sodiumVerify } from './trust/sodium-signer.js';
import { hostOf } from './trust/x509-authority.js';

/** How to run a collector. */
export interface RunOptions {
  readonly configPath: string;
  /** Stops it in order. */
  readonly signal: AbortSignal;
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
  readonly releases: CurrentReleases;
  readonly verify: Verify;
}

/**
 * Runs a collector until the signal. Resolves when everything is stored and closed. Errors: those of the configuration,
 * the keys and the store; `address-in-use`, `already-running`.
 */
export async function runCollector({ configPath, signal }: RunOptions): Promise<void> {
  const config = await loadCollectorConfig(configPath);
  const log = openPinoLog(config.log.level);
  const paths = statePaths(config);
  const { collectorId, publicAddress } = config;
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const state = await openSqliteState({ path: paths.state, busyMs: BUSY_MS });
  try {
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
    const verify = await sodiumVerify();
    const releases = new CurrentReleases(state.releases, trustOf(config), verify);
    const keysRound = new KeysRound({ keys, book, fleet, verify, clock: systemClock(), log });
    const held = { keys, keysWatch, keysRound, tls: loaded.tls, command: { signer: loaded.commandSigner } };
    await serve({ config, log, ...held, renewed, ledger, state, releases, verify }, signal);
  } finally {
    state.close();
    ledger.close();
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
  const { config, log, tls: firstTls, renewed, state, ledger } = parts;
  const { fleet } = state;
  const onState = new FailureLog(log, 'state could not be read or written');
  const { polls, writer, commit } = polling(parts, onState);
  const stateFailed = (error: unknown): void => onState.failed(codeOf(error), { err: error });
  const failed = (message: string) => (error: unknown) => log.error({ code: codeOf(error), err: error }, message);
  const refusals = new RefusalLog(log);
  const receivers = receiversOf(parts, polls, refusals);
  const { host, port, strangers: limits } = config.listen;
  const listener = await listenWs({ host, port, limits, tls: firstTls }, receivers);
  const review = (): void => polls.review((lcuId) => fleet.find(lcuId));
  const decide = (lcuId: string, asked: AskedDecision): Lcu => {
    const lcu = decideStanding({ ledger, fleet }, lcuId, { ...asked, atMs: systemClock().now().wallMs });
    review();
    return lcu;
  };
  const control = await serveControl(config.runDir, controlOf({ polls, fleet, decide, writeDerived: () => writer.flush() }));
  let seen = fleet.version();
  parts.releases.read();
  const lookAtFleet = (): void => {
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
    repeat(systemTimers, TICK_MS, () => lookAtKeys(parts, listener, polls), failed('keys could not be looked at')),
    repeat(systemTimers, REFUSALS_MS, () => refusals.flush(), failed('refusals could not be logged')),
    repeat(systemTimers, RENEWAL_MS, renew, failed('server certificate could not be renewed')),
  ];
  log.info({ address: listener.address, collectorId: config.collectorId, roundS: config.pollSeconds }, 'collector runs');
  const dialling = dialAll(parts, receivers, signal);
  await aborted(signal);
  for (const stop of stopChores) stop();
  await control.close();
  await Promise.all([listener.close(), polls.stop(), dialling]);
  commit.close();
  flushAtEnd(writer, stateFailed);
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

/** What cannot be written is derived again at the next start. */
function flushAtEnd(writer: DerivedWriter, failed: (error: unknown) => void): void {
  try {
    writer.flush();
  } catch (error) {
    failed(error);
  }
}

function polling(
  { config, log, keys, keysRound, command, ledger, state, releases, verify }: Parts,
  onState: FailureLog,
): {
  polls: PollService;
  writer: DerivedWriter;
  commit: GroupCommit<AnswerToStore>;
} {
  const contacts = new Contacts(state.derived);
  const writer = new DerivedWriter(state.derived, contacts, DERIVED_AT_A_TIME, eventTeller(log, state.fleet));
  const commit = new GroupCommit<AnswerToStore>({
    ledger,
    timers: systemTimers,
    onCommitted: (batch) => writer.committed(batch),
    onFailedHook: (error) => onState.failed(codeOf(error), { err: error }),
  });
  const { collectorId } = config;
  const commandRound = new CommandRound({
    collectorId,
    commandSigner: () => command.signer,
    book: state.commands,
    verify,
    clock: systemClock(),
    log,
  });
  const polls = new PollService({
    clock: systemClock(),
    timers: systemTimers,
    random: systemRandom,
    verify,
    revoked: (codeHash) => releases.book.revoked(codeHash),
    ledger,
    commit,
    fleet: state.fleet,
    derived: writer,
    contacts,
    log,
    orders: [keysRound, commandRound],
    collectorId,
    pollSigner: () => keys.identity.pollSigner,
    deadlineMs: config.deadlineMs,
    roundMs: config.pollSeconds * 1000,
  });
  return { polls, writer, commit };
}

function receiversOf({ keys, keysRound, state, verify, log }: Parts, polls: PollService, refusals: RefusalLog): LcuReceivers {
  const { identity } = keys;
  const deps = { identity, fleet: state.fleet, verify, clock: systemClock(), timers: systemTimers, random: systemRandom };
  return {
    lcu: (channel, expected) =>
      acceptLcu(
        channel,
        deps,
        (greeted, of) => polls.attach(greeted, of),
        (refusal, { remote }) => refusals.refused(refusal, remote),
        expected,
      ),
    enrol: (channel) =>
      acceptEnrolment(channel, deps, ({ lcuId, outcome }) => {
        if (outcome === 'pending') log.info({ lcuId, outcome, remote: channel.remote }, 'enrolment');
        else refusals.refused({ code: outcome, facts: { lcu: lcuId } }, channel.remote);
      }),
    keys: (channel) =>
      void handKeys(
        channel,
        { ...deps, keys },
        (said) => keysRound.said(said),
        (refusal) => refusals.refused(refusal, channel.remote),
      ),
    refused: (refusal, remote) => refusals.refused(refusal, remote),
    failed: (error, remote) => log.error({ code: codeOf(error), err: error, remote }, 'message could not be taken'),
  };
}

/** Dials the LCUs that wait for it. What they say is taken as of those that dial. */
function dialAll(
  { config, log, keys, keysRound, state, verify }: Parts,
  receivers: LcuReceivers,
  signal: AbortSignal,
): Promise<void> {
  const targets: DialTarget[] = config.dial.map(({ lcu, host, port }) => ({ lcuId: lcu, host, port }));
  const silenceMs = SILENT_ROUNDS * config.pollSeconds * 1000 + config.deadlineMs;
  const common: WsDiallerOptions = {
    clock: systemClock(),
    timers: systemTimers,
    silenceMs,
    refused: (refusal, remote) => receivers.refused(refusal, remote),
    failed: (error, remote) => receivers.failed(error, remote),
  };
  const dial = wsLcuDialler(common);
  const dialKeys = wsLcuDialler({ ...common, path: '/v1/keys' });
  const handed = { keys, fleet: state.fleet, verify, timers: systemTimers };
  const deps = {
    dial: handKeysFirst(dial, {
      isNeeded: ({ lcuId }) => !keysRound.hasTaken(state.fleet.find(lcuId)?.lcuNo ?? -1),
      dialKeys,
      hand: (channel) =>
        handKeys(
          channel,
          handed,
          (said) => keysRound.said(said),
          (refusal) => receivers.refused(refusal, channel.remote),
        ),
    }),
    timers: systemTimers,
    random: systemRandom,
    accept: (channel: Channel, { lcuId }: DialTarget) => receivers.lcu(channel, lcuId),
    failed: ({ code, facts }: FarolaError) => log.warn({ ...facts, code }, 'LCU not reached'),
  };
  return keepDialled(targets, deps, signal);
}
