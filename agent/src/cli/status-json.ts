import { jsonTime, problemOf, toHex } from '@farola/shared';
import type { JournalStatus } from '../journal/sqlite-journal-status.js';
import type { OnTrial } from '../config/pushed-config.js';
import type { NoticedSetting } from '../meter/identity/noticed-settings.js';
import type { Liveness } from '../status/linux-liveness.js';
import type { RunStatus, StartingRun } from '../status/run-status.js';
import type { ForeignRun } from '../status/run-teller.js';
import type { Enrolment } from '../trust/identity.js';
import type { FoundStatus } from './found-status.js';

type MeterGroup = RunStatus['meter']['analysers'][number]['groups'][number];

/** The status as `--json` prints it; docs/json.md has each field. */
export function statusJson(found: FoundStatus): object {
  const { enrolment, agentState, running, trial, journal, storage, unread } = found;
  return {
    unread: unread.map(({ about, error }) => ({ about, ...problemOf(error) })),
    enrolment: enrolment ? enrolmentJson(enrolment) : null,
    agentState,
    run: running && 'status' in running ? { ...runJson(running.status), ...livenessJson(running.liveness) } : null,
    starting: running && 'starting' in running ? startingJson(running.starting) : null,
    otherVersion: running && 'foreign' in running ? foreignJson(running.foreign) : null,
    configTrial: trial && trialJson(trial, trialUntilMs(found)),
    journal: journal ? journalJson(journal) : null,
    storage: {
      freeBytes: storage.freeBytes ?? null,
      readOnly: storage.readOnly ?? null,
      lifePercent: storage.lifePercent ?? null,
      fileSystemErrors: storage.fileSystemErrors ?? null,
    },
  };
}

/** An enrolment without what is secret or long. */
export function enrolmentJson({ lcuId, collectorId, address, publicKey, words }: Enrolment): object {
  return { lcuId, collectorId, address, publicKey: toHex(publicKey), words };
}

function journalJson({ entries, unacknowledged, epochs, oldestMs, newestMs }: JournalStatus): object {
  return { entries, backlog: unacknowledged, epochs, oldestAt: jsonTime(oldestMs), newestAt: jsonTime(newestMs) };
}

function livenessJson({ silentMs, hung }: Liveness): object {
  return {
    alive: hung === undefined,
    hung: hung ?? null,
    silentSeconds: silentMs === null ? null : Math.round(silentMs / 1_000),
  };
}

function trialJson({ sequence, atMs, by, reason, starts }: OnTrial, untilMs: number | null): object {
  return { sequence, receivedAt: jsonTime(atMs), by, reason, starts, until: jsonTime(untilMs) };
}

/**
 * When what is on trial is kept or rolled back, wall time, ms: each start begins its whole time anew. null while no agent runs that tries it,
 * or none that tells when it began.
 */
export function trialUntilMs({ trial, running, folders }: Pick<FoundStatus, 'trial' | 'running' | 'folders'>): number | null {
  if (!trial || trial.starts === 0 || !running || !('status' in running)) return null;
  return running.status.startedMs + folders.trialSeconds * 1_000;
}

function startingJson({ pid, version, startedMs, lcuId, starting }: StartingRun): object {
  return { pid, version: version ?? null, startedAt: jsonTime(startedMs), lcuId, code: starting.code, reason: starting.reason };
}

function foreignJson({ pid, version, startedMs }: ForeignRun): object {
  return { pid, version: version ?? null, startedAt: jsonTime(startedMs ?? null) };
}

function runJson({
  pid,
  version,
  startedMs,
  writtenMs,
  lcuId,
  epoch,
  link,
  samples,
  meter,
  journal,
  code,
  platform,
}: RunStatus): object {
  return {
    pid,
    version: version ?? null,
    startedAt: jsonTime(startedMs),
    writtenAt: jsonTime(writtenMs),
    lcuId,
    epoch,
    link: linkJson(link),
    sampling: { taken: samples.taken, lost: samples.lost, waiting: samples.waiting, lastAt: jsonTime(samples.lastMs) },
    meter: meterJson(meter),
    backlog: journal.backlog,
    journalBytes: journal.bytes,
    code: { treePath: code.tree, codeHash: code.hash, reason: code.reason },
    platform: { platformHash: platform.hash, fileCount: platform.files, reason: platform.reason },
  };
}

function linkJson({
  state,
  sinceMs,
  reason,
  nextTryMs,
  lastAnswerMs,
  lastAcknowledgedMs,
  pollsInVain,
}: RunStatus['link']): object {
  return {
    state,
    since: jsonTime(sinceMs),
    reason,
    nextTryAt: jsonTime(nextTryMs),
    lastAnswerAt: jsonTime(lastAnswerMs),
    lastAcknowledgedAt: jsonTime(lastAcknowledgedMs),
    pollsInVain,
  };
}

function meterJson({ lines, analysers }: RunStatus['meter']): object {
  return {
    lines: lines.map(({ id, unavailable, ...counters }) => ({
      lineId: id,
      ...counters,
      unavailable: unavailable && { code: unavailable.code, reason: unavailable.reason, since: jsonTime(unavailable.sinceMs) },
    })),
    analysers: analysers.map(({ id, line, status, atMs, failingSinceMs, code, device, mismatch, settings, flags, groups }) => {
      const times = { takenAt: jsonTime(atMs), failingSince: jsonTime(failingSinceMs) };
      return {
        analyserId: id,
        lineId: line,
        status,
        code,
        ...times,
        groups: groups.map(groupJson),
        device,
        mismatch,
        changedSettings: settings.map(settingJson),
        notPlausible: flags,
      };
    }),
  };
}

/** A setting that is not as it was, or not as it is configured, as `--json` prints it. */
export function settingJson({ setting, before, now, isConfigured, atMs }: NoticedSetting): object {
  return { setting, before, now, configured: isConfigured, noticedAt: jsonTime(atMs) };
}

function groupJson({ periodS, quantities, status, atMs, skipped }: MeterGroup): object {
  return { sampleSeconds: periodS, quantityCount: quantities, status, takenAt: jsonTime(atMs), skipped };
}
