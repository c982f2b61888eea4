import { type ClockQuality, HEALTH, jsonTime, type SampleStatus } from '@farola/shared';
import { isStale } from '../api/reading.js';
import type { LcuState } from '../fleet/fleet.js';
import { coveragePercent, uptimePercent } from '../uptime/uptime-report.js';
import type { Verdict } from '../poll/poll-observer.js';
import { type ConditionCode, CONDITIONS, isInService } from './conditions.js';
import { isLate, judgeLcu } from './judge-lcu.js';
import type { FleetContext, LcuFacts } from './lcu-facts.js';
import { verdictNow } from './verdict-now.js';

/** How an LCU is, in one word: `waiting` for a technician, or to come, `gone` out of service. */
export type Level = 'down' | 'attention' | 'well' | 'waiting' | 'gone';

/** One LCU of `status --json`; docs/json.md has each field. */
export interface StatusRow {
  readonly lcuId: string;
  readonly panel: string;
  readonly state: LcuState;
  /** `A0` to `A3`. */
  readonly assurance: string;
  readonly level: Level;
  /** What is wrong with it, the gravest first. */
  readonly conditions: readonly {
    readonly code: ConditionCode;
    readonly since: string | null;
    readonly detail: string | null;
    readonly why: string | null;
    readonly hint: string;
  }[];
  /** Of the last poll or round; null before the first, and out of service. */
  readonly verdict: { readonly code: Verdict; readonly at: string; readonly since: string } | null;
  /** Whether its last verified answer is older than two rounds; false out of service. */
  readonly late: boolean;
  readonly lastAnswer: { readonly at: string; readonly ageSeconds: number | null } | null;
  readonly newestSample: {
    readonly at: string | null;
    readonly ageSeconds: number | null;
    readonly stale: boolean;
    readonly status: SampleStatus;
  } | null;
  readonly clock: { readonly quality: ClockQuality | null; readonly aheadSeconds: number } | null;
  readonly code: {
    readonly mark: string;
    readonly name: string | null;
    readonly reason: string | null;
    readonly codeHash: string | null;
  } | null;
  readonly platform: { readonly mark: string; readonly reason: string | null; readonly platformHash: string | null } | null;
  readonly agentVersion: string | null;
  /** Of its last answer: entries without acknowledgement, bytes of its journal, and since when its agent runs. */
  readonly backlog: number | null;
  readonly journalBytes: number | null;
  readonly agentUptimeSeconds: number | null;
  readonly storage: {
    readonly freeBytes: number | null;
    readonly readOnly: boolean | null;
    readonly lifePercent: number | null;
    readonly fileSystemErrors: number | null;
  };
  readonly uptime24h: {
    readonly uptimePercent: number | null;
    readonly coveragePercent: number | null;
    readonly roundsUp: number;
    readonly roundsDown: number;
    readonly roundsUnknown: number;
  };
}

/** What is told of one LCU. */
export function statusRow(facts: LcuFacts, context: FleetContext): StatusRow {
  const { lcu, uptime, code, platform } = facts;
  const todoFor = (todo: string): string => todo.replaceAll('{lcu}', lcu.lcuId).replaceAll('{hash}', platform?.hash ?? 'HASH');
  const served = isInService(lcu.state);
  const conditions = judgeLcu(facts, context).map(({ code: of, sinceMs, detail, why }) => {
    return { code: of, since: jsonTime(sinceMs), detail, why, hint: todoFor(CONDITIONS[of].todo) };
  });
  const verdict = served ? verdictNow(facts) : undefined;
  return {
    lcuId: lcu.lcuId,
    panel: lcu.panel,
    state: lcu.state,
    assurance: `A${lcu.assurance}`,
    level: levelOf(lcu.state, conditions),
    conditions,
    verdict: verdict ? { code: verdict.code, at: jsonTime(verdict.atMs), since: jsonTime(verdict.sinceMs) } : null,
    late: served && isLate(facts, context),
    ...ages(facts, context),
    code: code ? { mark: code.mark, name: code.name ?? null, reason: code.reason ?? null, codeHash: code.hash } : null,
    platform: platform ? { mark: platform.mark, reason: platform.reason ?? null, platformHash: platform.hash } : null,
    agentVersion: facts.agentVersion ?? null,
    ...health(facts),
    uptime24h: {
      uptimePercent: uptimePercent(uptime),
      coveragePercent: coveragePercent(uptime),
      roundsUp: uptime.up,
      roundsDown: uptime.down,
      roundsUnknown: uptime.unknown,
    },
  };
}

function levelOf(state: LcuState, conditions: StatusRow['conditions']): Level {
  if (state === 'invited') return 'waiting';
  if (state === 'revoked' || state === 'retired') return 'gone';
  if (conditions.some(({ code }) => CONDITIONS[code].gravity === 'down')) return 'down';
  if (conditions.some(({ code }) => CONDITIONS[code].gravity === 'attention')) return 'attention';
  return conditions.length > 0 ? 'waiting' : 'well';
}

function ages(
  { contact, contactAgeLost, newestSample, told }: LcuFacts,
  { nowMs, roundMs }: FleetContext,
): Pick<StatusRow, 'lastAnswer' | 'newestSample' | 'clock'> {
  const goodMs = contact?.lastGoodAtMs ?? null;
  const sampleAgeMs = newestSample && newestSample.atMs !== null ? nowMs - newestSample.atMs : undefined;
  return {
    lastAnswer:
      goodMs === null
        ? null
        : { at: jsonTime(goodMs), ageSeconds: contactAgeLost ? null : Math.max(0, Math.floor((nowMs - goodMs) / 1_000)) },
    newestSample: newestSample
      ? {
          at: jsonTime(newestSample.atMs),
          ageSeconds: sampleAgeMs === undefined ? null : Math.max(0, Math.floor(sampleAgeMs / 1_000)),
          stale: isStale(sampleAgeMs, roundMs, newestSample.periodS),
          status: newestSample.status,
        }
      : null,
    clock: told ? { quality: told.clock ?? null, aheadSeconds: Math.round((told.wallMs - told.receivedAtMs) / 1_000) } : null,
  };
}

function health({ told, contact }: LcuFacts): Pick<StatusRow, 'backlog' | 'journalBytes' | 'agentUptimeSeconds' | 'storage'> {
  const of = (key: keyof typeof HEALTH): number | null => told?.health.get(HEALTH[key]) ?? null;
  const readOnly = of('readOnly');
  return {
    backlog: of('backlog') ?? contact?.backlog ?? null,
    journalBytes: of('journalBytes'),
    agentUptimeSeconds: of('uptimeS'),
    storage: {
      freeBytes: of('diskFreeBytes'),
      readOnly: readOnly === null ? null : readOnly === 1,
      lifePercent: of('storageLifePercent'),
      fileSystemErrors: of('fileSystemErrors'),
    },
  };
}
