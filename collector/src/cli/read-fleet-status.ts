import { codeOf, FarolaError, jsonTime, type Problem, systemClock } from '@farola/shared';
import { askControl } from '../api/node-control-client.js';
import { checkLastBackup } from '../backup/fs-backup-note.js';
import type { CollectorConfig } from '../config.js';
import { statePaths } from '../config/state-paths.js';
import { checkFleet } from '../fleet/check-fleet.js';
import { pushedStanding } from '../fleet/pushed-standing.js';
import { PlatformBook } from '../fleet/platform-book.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '../ledger/sqlite-ledger-reader.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { type CollectorStatus, type FleetStatus, fleetStatus, type PendingConfiguration } from '../status/fleet-status.js';
import { type FactSources, readFacts } from '../status/read-facts.js';
import { openSqliteUptime } from '../uptime/sqlite-uptime.js';
import { COLLECTOR_VERSION } from '../version.js';
import { checkInitialised } from './check-initialised.js';
import { openBeside, openState } from './open-store.js';
import { bookOf } from './release.js';
import { tellCopy } from './tell-copy.js';
import { WRITTEN_MS } from './uptime.js';

/** How long a running collector may take to answer, ms: then it is told that it does not get on. */
const ANSWER_MS = 2_000;

/**
 * The status of the fleet, or of one LCU of it, from the files, whether the collector runs or not. What cannot be read beside the
 * fleet is told in it. Errors: `not-initialised`, `permission-denied`, `lcu-unknown`, `store-older`, those of the fleet's store.
 */
export async function readFleetStatus(config: CollectorConfig, lcuId?: string): Promise<FleetStatus> {
  const paths = statePaths(config);
  const unread: unknown[] = [];
  const onUnread = (error: unknown): void => void unread.push(error);
  checkInitialised(paths);
  const { runningMs, ...running } = await askCollector(config, onUnread);
  const state = await openState(config);
  const uptime = await orUnread(onUnread, () =>
    openBeside(paths.uptime, (how) => openSqliteUptime({ path: paths.uptime, ...how })),
  );
  await orUnread(onUnread, async () => (await openBeside(paths.proof, (how) => openSqliteProofBook(paths.proof, how)))?.close());
  await orUnread(onUnread, () => Promise.resolve().then(() => checkLastBackup(config.stateDir)));
  const ledger = await orUnread(onUnread, () => openSqliteLedgerReader(paths.ledger, tellCopy));
  // The ledger of a fleet knows its LCUs: one that is empty beside it was lost.
  if (ledger && state.fleet.list().length === 0)
    await orUnread(onUnread, async () => checkFleet(state.fleet, ledger, paths.state));
  try {
    const platforms = new PlatformBook(state.platforms.all());
    const sources = { ...state, uptime, ledger, releases: await bookOf(state, config), platforms };
    const { wallMs: nowMs } = systemClock().now();
    return fleetStatus({
      collector: { collectorId: config.collectorId, version: COLLECTOR_VERSION, ...running },
      lcus: factsOf(state, lcuId, sources, { nowMs, config, onUnread }),
      context: {
        nowMs,
        begunMs: runningMs === null ? null : nowMs - runningMs,
        roundMs: config.pollSeconds * 1_000,
        usesReleases: config.releases.keys.length > 0,
        usesPlatforms: platforms.entries.length > 0,
      },
      unread,
      configuration: lcuId === undefined ? null : pendingConfiguration(state, lcuId),
    });
  } finally {
    ledger?.close();
    uptime?.close();
    state.close();
  }
}

interface Asked {
  readonly nowMs: number;
  readonly config: CollectorConfig;
  readonly onUnread: (error: unknown) => void;
}

function factsOf(
  { fleet }: Pick<SqliteState, 'fleet'>,
  lcuId: string | undefined,
  sources: FactSources,
  { nowMs, config, onUnread }: Asked,
): ReturnType<typeof readFacts>[] {
  const one = lcuId === undefined ? undefined : fleet.find(lcuId);
  if (lcuId !== undefined && !one) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  const times = { nowMs, settledMs: nowMs - config.deadlineMs - WRITTEN_MS, roundMs: config.pollSeconds * 1_000 };
  return (one ? [one] : fleet.list()).map((lcu) => readFacts(lcu, sources, times, onUnread));
}

interface CollectorNow extends Pick<CollectorStatus, 'running' | 'connectedCount' | 'notStored'> {
  readonly runningMs: number | null;
}

const NOT_TOLD = { connectedCount: null, runningMs: null, notStored: null };

/** Whether the collector runs, since when, whether it can store, and how many LCUs it is connected to. One that does not answer in time runs, and that is told. */
async function askCollector({ runDir }: CollectorConfig, onUnread: (error: unknown) => void): Promise<CollectorNow> {
  try {
    const { connected, runningMs, notStored } = await askControl(runDir, 'GET', '/status', { withinMs: ANSWER_MS });
    return {
      running: true,
      connectedCount: Number(connected),
      runningMs: Number(runningMs),
      notStored: notStored as Problem | null,
    };
  } catch (error) {
    if (codeOf(error) === 'collector-not-running') return { running: false, ...NOT_TOLD };
    onUnread(error);
    return { running: true, ...NOT_TOLD };
  }
}

/** What was sent to an LCU last, while it waits, or while nothing says how its trial ended. */
function pendingConfiguration({ fleet, commands, derived }: SqliteState, lcuId: string): PendingConfiguration | null {
  const lcu = fleet.find(lcuId);
  const last = lcu && commands.last(lcu.lcuNo);
  if (!last) return null;
  const standing = pushedStanding(last, { commands, derived });
  if (standing.state !== 'waits' && standing.state !== 'on-trial') return null;
  const { state } = standing;
  const trial = state === 'waits' ? standing.behind : standing.trial;
  const waitsForSequence = state === 'waits' ? (trial?.sequence ?? null) : null;
  const { sequence, orderedAtMs } = last;
  return { sequence, state, since: jsonTime(orderedAtMs), trialEndsAt: jsonTime(trial?.untilMs ?? null), waitsForSequence };
}

async function orUnread<Store>(onUnread: (error: unknown) => void, open: () => Promise<Store>): Promise<Store | undefined> {
  try {
    return await open();
  } catch (error) {
    if (codeOf(error) === 'internal') throw error;
    onUnread(error);
    return undefined;
  }
}
