import {
  NO_SERVICE_MANAGER,
  nodeMeasurer,
  pause,
  type ServiceManager,
  systemClock,
  systemRandom,
  systemTimers,
  toHex,
} from '@farola/shared';
import { platformSources } from './code/linux-platform-sources.js';
import { measureInstalled, platformOf } from './code/measure-installed.js';
import { CHECKOUT } from './code/own-code.js';
import type { AgentConfig, LoadedAgentConfig } from './config.js';
import { AnalyserHealth } from './config/analyser-health.js';
import { inConfigThread } from './config/config-thread.js';
import { type ConfigToRunOptions, loadConfigToRun } from './config/fs-config-to-run.js';
import type { EffectiveConfig } from './config/fs-effective-config.js';
import { watchTrial } from './config/watch-trial.js';
import { ClockWatch } from './journal/clock-watch.js';
import type { EpochStart, Journal } from './journal/journal.js';
import { WaitingEntries } from './journal/waiting-entries.js';
import type { Log } from './log/log.js';
import type { DeviceWorld } from './meter/identity/device-world.js';
import { fsKnownDevices } from './meter/identity/fs-known-devices.js';
import { lineAdapters } from './meter/line/line-adapters.js';
import { type Meter, openMeter } from './meter/meter.js';
import { MeterOutcomes } from './meter/meter-outcomes.js';
import type { Profile } from './meter/profile/profile.js';
import type { Profiles } from './meter/profile/profile-file.js';
import { createSampler } from './meter/sampler.js';
import { pinoLog } from './log/pino-log.js';
import { openJournalWhenItCan } from './main/open-journal.js';
import { PanelPlausibility } from './main/plausibility.js';
import { takeReadings } from './main/take-readings.js';
import { recordSamples } from './main/record-samples.js';
import { statusLine, tellLink, watchAgent } from './main/service-watch.js';
import { healthOf } from './status/linux-health.js';
import { BEAT_MS } from './status/linux-liveness.js';
import { ownBirth } from './status/linux-process.js';
import { fsPublishStatus } from './status/fs-publish-status.js';
import { deviceStatus } from './status/device-status.js';
import type { MeterStatus } from './status/run-status.js';
import { StatusBoard } from './status/status-board.js';
import { unitStatuses } from './status/unit-status.js';
import { makeFolder } from './trust/fs-durable-file.js';
import { loadIdentity } from './trust/fs-identity.js';
import { readBootId } from './trust/linux-boot-id.js';
import { linuxClockQuality, type LinuxClockQuality } from './trust/linux-clock-quality.js';
import { nodeVerify } from './trust/node-verify.js';
import { AGENT_VERSION } from './version.js';
import { repeatUntilEnded, untilAborted, untilEnded, type Work } from './main/works.js';
import { type Base, connectionDeps, type LinkBase, linkOf } from './main/link.js';

/** How an agent is run. */
export interface RunAgentOptions {
  /** /etc/farola/agent.yaml when it is not told. */
  readonly configPath?: string | undefined;
  /** Ends the run in order. */
  readonly signal: AbortSignal;
  /** Standard output, at the configured level, when it is not told. */
  readonly log?: Log | undefined;
  /** Told when it serves, how it is, and when it ends; nobody when it is not told. */
  readonly service?: ServiceManager | undefined;
  /** Sees the configuration of the file before anything is done by it; nobody when it is not told. */
  readonly vet?: ConfigToRunOptions['vet'];
}

const CLOCK_LOOK_MS = 10_000;

/**
 * Runs the agent until aborted: samples into the journal, answers the collector's polls.
 * @throws FarolaError `config-invalid`, `not-enrolled`, `already-running`, `journal-foreign`, `store-newer` and others of
 * the table when it cannot begin; those of `measureTree` for an installed tree that breaks the rules
 */
export async function runAgent({ configPath, signal, log: givenLog, service: told, vet }: RunAgentOptions): Promise<void> {
  const service = told ?? NO_SERVICE_MANAGER;
  signal.addEventListener('abort', () => service.tell({ stopping: true }), { once: true });
  const sources = platformSources();
  const logOf = ({ config }: Pick<LoadedAgentConfig, 'config'>): Log => givenLog ?? pinoLog(config.log.level);
  const load = (): Promise<EffectiveConfig> => inConfigThread((reader) => loadConfigToRun(reader, configPath, logOf, { vet }));
  const measurer = nodeMeasurer();
  try {
    let effective = await load();
    const installed = await measureInstalled(effective.config, logOf(effective), measurer, sources);
    for (;;) {
      const prepared = await prepare(effective.config, logOf(effective));
      const base = { ...prepared, service, installed, configPath, pushed: effective.pushed };
      const again = await runMeasured(base, effective.configHash, effective.profiles, signal);
      if (!again || signal.aborted) return;
      effective = await load();
    }
  } finally {
    await Promise.all([measurer.close(), service.told()]);
  }
}

/** Where events of devices go, which begin before there is a journal to tell them to. */
interface Told {
  readonly entries?: WaitingEntries;
  readonly journal?: Journal;
  readonly plausibility?: PanelPlausibility;
}

/** One run with one configuration. Gives whether another is to follow, with another configuration. */
async function runMeasured(base: Base, configHash: Uint8Array, profiles: Profiles, signal: AbortSignal): Promise<boolean> {
  const { config, log, clock, boot, installed, pushed } = base;
  const lcu = base.identity.enrolment.lcuId;
  const known = await fsKnownDevices(config.stateDir, log);
  const told: Told = {};
  const devices: DeviceWorld = {
    known,
    log,
    onEvent: (event, facts) => {
      told.entries?.append({ kind: 'event', at: clock.now(), code: event, facts });
      const [analyser] = facts;
      if (event === 'meter-exchanged' && typeof analyser === 'string') told.plausibility?.exchanged(analyser);
    },
    epoch: () => (told.journal ? toHex(told.journal.epoch) : ''),
  };
  const recognisable = (): Promise<readonly Profile[]> => inConfigThread((reader) => reader.shippedProfiles());
  const world = { clock, timers: systemTimers, devices, recognisable };
  const meter = openMeter(config, profiles, { ...world, ...(await lineAdapters()) });
  const { analysers } = meter;
  const start: EpochStart = {
    boot,
    configHash,
    agentVersion: AGENT_VERSION,
    analysers,
    /** Asked when an epoch begins: a journal may have to be begun anew later in the run. */
    get codeHash() {
      return installed?.code.state.hash ?? null;
    },
  };
  const journal = await openJournalWhenItCan(base, start, signal);
  if (!journal) {
    await meter.close();
    return false;
  }
  const plausibility = new PanelPlausibility({ config, profiles, rows: analysers });
  plausibility.recall({ journal, boot, now: clock.now(), log });
  const anew = new AbortController();
  const entries = new WaitingEntries({ journal, clock, log });
  Object.assign(told, { journal, entries, plausibility });
  log.info({ lcu, version: AGENT_VERSION, analysers: config.analysers.length }, 'started');
  try {
    await pushed.tell((event, facts) => void entries.append({ kind: 'event', at: clock.now(), code: event, facts }));
    await untilAborted(
      AbortSignal.any([signal, anew.signal]),
      worksOf(base, { meter, plausibility }, journal, entries, () => anew.abort()),
    );
    entries.append({ kind: 'event', at: clock.now(), code: 'stop', facts: [] });
    log.info({ lcu, notWritten: entries.counts.waiting }, 'stopped');
    return anew.signal.aborted;
  } finally {
    await meter.close();
    await known.written();
    journal.close();
  }
}

async function prepare(config: AgentConfig, log: Log): Promise<Omit<Base, 'installed' | 'service' | 'configPath' | 'pushed'>> {
  const verify = nodeVerify();
  const identity = await loadIdentity(config.stateDir, verify, systemRandom, ({ sequence }) =>
    log.info({ sequence }, 'keys of the collector replaced'),
  );
  makeFolder(config.runDir);
  const publish = fsPublishStatus(config.runDir);
  const birth = ownBirth();
  const self = { pid: process.pid, ...(birth && { birth }), version: AGENT_VERSION, lcuId: identity.enrolment.lcuId };
  const quality = linuxClockQuality({ runDir: config.runDir });
  await quality.refresh();
  const clock = systemClock(() => quality.quality());
  return { config, log, verify, identity, boot: readBootId(), quality, clock, self, publish };
}

/** What is measured, and judged. */
interface Measured {
  readonly meter: Meter;
  readonly plausibility: PanelPlausibility;
}

/** What goes on side by side: sampling, looking at the clock, answering, being watched. */
function worksOf(
  base: Base,
  measured: Measured,
  journal: Journal,
  entries: WaitingEntries,
  beginAnew: () => void,
): readonly Work[] {
  const { meter, plausibility } = measured;
  const { config, log, clock, quality, installed, service, pushed, self, publish } = base;
  const health = new AnalyserHealth(meter.analysers.map(({ id }) => id));
  const outcomes = new MeterOutcomes(meter.analysers, log);
  let polled = false;
  const meterStatus = (): MeterStatus => ({
    lines: meter.lines.map(({ id, counters }) => ({ id, ...counters, unavailable: outcomes.troubleOf(id) ?? null })),
    analysers: outcomes.analysers.map(({ groups, ...analyser }, index) => ({
      ...analyser,
      groups: groups.map(({ index: row, ...group }) => ({ ...group, skipped: sampler.skipped(row) })),
      ...deviceStatus(meter.devices[index]?.state),
      flags: plausibility.flagsOf(analyser.id),
    })),
    units: unitStatuses(meter),
  });
  const platform = installed && platformOf(installed, base, journal);
  const also = {
    waiting: () => entries.counts,
    code: () => installed?.code.state ?? CHECKOUT,
    platform: () => platform?.state ?? CHECKOUT,
  };
  const board = new StatusBoard(self, clock, journal, meterStatus, also, publish);
  const watch = new ClockWatch(clock.now());
  const recorder = recordSamples({ entries, watch, clock, onSample: (kept) => board.sampled(kept) });
  const sink = takeReadings({ health, outcomes, plausibility, recorder });
  const sampler = createSampler({ lines: meter.readersByLine, sink, clock, timers: systemTimers });
  const watched = {
    manager: service,
    steps: (line: number) => sampler.steps(line),
    lines: meter.lines,
    status: () => board.status,
  };
  const linkTold = tellLink(service, () => board.status);
  const link: LinkBase = {
    ...connectionDeps(base, health, recorder.note, beginAnew),
    journal,
    health: healthOf(config.stateDir, journal, clock),
    timers: systemTimers,
    redial: { minMs: config.link.reconnectMinMs, maxMs: config.link.reconnectMaxMs },
    onState: (state, facts) => {
      polled ||= facts.answered === true;
      board.linkIs(state, facts);
      linkTold();
    },
  };
  const trialMs = config.remote.trialSeconds * 1_000;
  const trial = { pushed, trialMs, timers: systemTimers, health, polled: () => polled, log };
  return [
    (ended) => {
      const running = sampler.run(ended);
      service.tell({ ready: true, status: statusLine(board.status) });
      return running;
    },
    (ended) => watchAgent({ ...watched, clock, timers: systemTimers, log }, ended),
    (ended) => watchClock(quality, recorder.lookAtClock, ended),
    (ended) => repeatUntilEnded(BEAT_MS, () => board.beat(), ended),
    linkOf(base, link),
    async (ended) => {
      if (await watchTrial(trial, ended)) {
        beginAnew();
        return;
      }
      await pushed.tell(recorder.note);
      await untilEnded(ended);
    },
    ...[installed?.code, platform].flatMap((one) => (one ? [(ended: AbortSignal) => one.watch(recorder.note, ended)] : [])),
  ];
}

async function watchClock(quality: LinuxClockQuality, look: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(systemTimers, CLOCK_LOOK_MS, signal);
    await quality.refresh();
    look();
  }
}
