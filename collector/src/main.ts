import { codeOf, type FarolaError, systemClock, systemRandom, systemTimers, type Timer } from '@farola/shared';
import type { Control, ControlAnswer } from './api/control.js';
import { serveControl } from './api/node-control-server.js';
import type { CollectorConfig } from './config.js';
import { rebuildDerived } from './fleet/rebuild-derived.js';
import { openSqliteState, type SqliteState } from './fleet/sqlite-state.js';
import { loadCollectorConfig } from './fs-config.js';
import { GroupCommit } from './ledger/group-commit.js';
import { openSqliteLedger } from './ledger/sqlite-ledger.js';
import { acceptEnrolment } from './link/accept-enrolment.js';
import { acceptLcu } from './link/accept-lcu.js';
import type { Receivers } from './link/channel.js';
import { listenWs } from './link/ws-listener.js';
import type { Log } from './log.js';
import { openPinoLog } from './pino-log.js';
import { Contacts } from './poll/contacts.js';
import { DerivedWriter } from './poll/derived-writer.js';
import { PollService } from './poll/poll-service.js';
import type { AnswerToStore } from './poll/take-answer.js';
import { statePaths } from './state-paths.js';
import { type CollectorKeys, loadCollectorKeys, renewServer } from './trust/fs-collector-keys.js';
import { sodiumVerify } from './trust/sodium-signer.js';

/** How to run a collector. */
export interface RunOptions {
  readonly configPath: string;
  /** Stops it in order. */
  readonly signal: AbortSignal;
}

/** How often the fleet is looked at for changes by other processes, and what waits of the derived state is written, ms. */
const TICK_MS = 1000;
/** Answers whose changes of the derived state are written at once: the same pages change with each of them. */
const DERIVED_AT_A_TIME = 1000;

/**
 * Runs a collector until the signal. Resolves when everything is stored and closed. Errors: those of the configuration,
 * the keys and the store; `address-in-use`, `already-running`.
 */
export async function runCollector({ configPath, signal }: RunOptions): Promise<void> {
  const config = await loadCollectorConfig(configPath);
  const log = openPinoLog(config.log.level);
  const clock = systemClock();
  const paths = statePaths(config);
  const { hostname } = new URL(config.publicAddress);
  if (await renewServer(paths.keys, config.collectorId, hostname, clock)) log.info({}, 'server certificate renewed');
  const keys = await loadCollectorKeys(paths.keys, config.collectorId);
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const state = await openSqliteState({ path: paths.state });
  try {
    rebuildDerived({ ledger, derived: state.derived });
    await serve({ config, log, keys, ledger, state }, signal);
  } finally {
    state.close();
    ledger.close();
  }
  log.info({}, 'collector stopped');
}

interface Parts {
  readonly config: CollectorConfig;
  readonly log: Log;
  readonly keys: CollectorKeys;
  readonly ledger: Awaited<ReturnType<typeof openSqliteLedger>>;
  readonly state: SqliteState;
}

async function serve({ config, log, keys, ledger, state }: Parts, signal: AbortSignal): Promise<void> {
  const { fleet, derived } = state;
  const common = { clock: systemClock(), timers: systemTimers, random: systemRandom, verify: await sodiumVerify() };
  const { identity } = keys;
  const contacts = new Contacts(derived);
  const writer = new DerivedWriter(derived, contacts, DERIVED_AT_A_TIME);
  const onFailedHook = (error: unknown): void =>
    log.error({ code: codeOf(error), err: error }, 'derived state could not be written');
  const commit = new GroupCommit<AnswerToStore>({
    ledger,
    timers: systemTimers,
    onCommitted: (batch) => writer.committed(batch),
    onFailedHook,
  });
  const writeDerived = (): void => {
    try {
      writer.flush();
    } catch (error) {
      onFailedHook(error);
    }
  };
  const polls = new PollService({
    ...common,
    ledger,
    commit,
    derived: writer,
    contacts,
    log,
    collectorId: config.collectorId,
    pollSigner: identity.pollSigner,
    deadlineMs: config.deadlineMs,
    roundMs: config.pollSeconds * 1000,
  });
  const receivers: Receivers = {
    lcu: (channel) =>
      acceptLcu(
        channel,
        { ...common, identity, fleet },
        (greeted, of) => polls.attach(greeted, of),
        ({ code, facts }, { remote }) => log.warn({ ...facts, code, remote }, 'connection refused'),
      ),
    enrol: (channel) =>
      acceptEnrolment(channel, { ...common, identity, fleet }, (ended) =>
        log.info({ ...ended, remote: channel.remote }, 'enrolment'),
      ),
  };
  const listener = await listenWs({ ...config.listen, tls: keys.tls }, receivers);
  const control = await serveControl(config.runDir, controlOf(polls, state, writeDerived));
  let seen = fleet.version();
  const stopTicking = tick(() => {
    writeDerived();
    const version = fleet.version();
    if (version !== seen) polls.review((lcuId) => fleet.find(lcuId));
    seen = version;
  });
  log.info({ address: listener.address, collectorId: config.collectorId, roundS: config.pollSeconds }, 'collector runs');
  await aborted(signal);
  stopTicking();
  await control.close();
  await polls.stop();
  await listener.close();
  commit.close();
  writeDerived();
}

function controlOf(polls: PollService, { fleet }: SqliteState, writeDerived: () => void): Control {
  return {
    async poll(lcuId): Promise<ControlAnswer> {
      const lcu = fleet.find(lcuId);
      if (!lcu) return { ok: false, code: 'lcu-unknown', facts: { lcu: lcuId } };
      const result = await polls.pollNow(lcu);
      writeDerived();
      if (result.ok) return { ok: true, value: { ...result.value } };
      return { ok: false, code: result.code, facts: printable(result.facts) };
    },
    status: () => ({ ok: true, value: { ...polls.counts } }),
  };
}

/** Facts as JSON can carry them. */
function printable(facts: FarolaError['facts']): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );
}

function tick(run: () => void): () => void {
  let timer: Timer;
  const again = (): void => {
    timer = systemTimers.after(TICK_MS, () => {
      run();
      again();
    });
  };
  again();
  return () => timer.cancel();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
