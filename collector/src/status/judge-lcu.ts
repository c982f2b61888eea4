import { CLOCK_TOLERANCE_MS, HEALTH } from '@farola/shared';
import { isStale } from '../api/reading.js';
import { COMES_WITHIN_MS } from '../uptime/awaited.js';
import {
  BACKLOG_ENTRIES,
  type ConditionCode,
  CONDITIONS,
  isInService,
  LONGEST_PERIOD_S,
  STORAGE_LOW_BYTES,
  STORAGE_WORN_PERCENT,
} from './conditions.js';
import type { FleetContext, LcuFacts } from './lcu-facts.js';
import { verdictNow } from './verdict-now.js';

/** Something that is wrong with an LCU now. */
export interface Condition {
  readonly code: ConditionCode;
  /** Since when, wall time in ms; null when nothing tells. */
  readonly sinceMs: number | null;
  /** What exactly, in a few words; null where the code says all. */
  readonly detail: string | null;
  /** What was found, as a sentence, where that is more; null where there is no more to say. */
  readonly why: string | null;
}

type Found = readonly Condition[];

const CODES = Object.keys(CONDITIONS) as ConditionCode[];

/** Everything that is wrong with an LCU, the gravest first. */
export function judgeLcu(facts: LcuFacts, context: FleetContext): Found {
  const { lcu } = facts;
  if (lcu.state === 'pending') return [wrong('pending', lcu.key?.fromMs ?? null)];
  if (!isInService(lcu.state)) return [];
  const found = [
    ...reached(facts, context),
    ...standing(facts),
    ...storage(facts),
    ...measuring(facts, context),
    ...clock(facts),
    ...trusted(facts, context),
  ];
  // The verdict says already what the mark of the code would say again.
  const isTold = found.some(({ code, detail }) => code === 'down' && detail === 'code-revoked');
  return found
    .filter(({ code }) => !isTold || code !== 'code-revoked')
    .sort((a, b) => CODES.indexOf(a.code) - CODES.indexOf(b.code));
}

/** Whether the last verified answer of an LCU in service is older than two rounds, or never came, and it has had time to come. */
export function isLate(facts: LcuFacts, context: FleetContext): boolean {
  const { contact, contactAgeLost } = facts;
  const { asOfMs, roundMs } = context;
  if (awaitedSinceMs(facts, context) !== undefined) return false;
  if (typeof contact?.lastGoodAtMs !== 'number' || contactAgeLost) return true;
  return isStale(asOfMs - contact.lastGoodAtMs, roundMs);
}

function reached(facts: LcuFacts, context: FleetContext): Found {
  const verdict = verdictNow(facts);
  if (verdict && verdict.code !== 'ok') return [wrong('down', verdict.sinceMs, verdict.code)];
  const awaitedMs = awaitedSinceMs(facts, context);
  if (awaitedMs !== undefined) return [wrong('awaited', awaitedMs)];
  if (typeof facts.contact?.lastGoodAtMs !== 'number') return [wrong('never-answered', facts.lcu.key?.fromMs ?? null)];
  return isLate(facts, context) ? [wrong('late', facts.contact.lastGoodAtMs)] : [];
}

/** Since when an LCU can come that has not answered since, as long as that is no wonder; else undefined. */
function awaitedSinceMs({ lcu, contact }: LcuFacts, { nowMs, begunMs }: FleetContext): number | undefined {
  if (begunMs === null) return undefined;
  const sinceMs = Math.max(begunMs, lcu.key?.fromMs ?? 0);
  const isOver = nowMs - sinceMs >= COMES_WITHIN_MS || (contact?.lastGoodAtMs ?? -1) >= sinceMs;
  return isOver ? undefined : sinceMs;
}

function standing({ lcu: { state, standing: decided }, awaitsRestart, quarantinedFor }: LcuFacts): Found {
  if (awaitsRestart && state === 'active') return [wrong('counts-after-restart', decided?.atMs ?? null)];
  if (state !== 'quarantined') return [];
  const detail = decided ? `${decided.reason} (${decided.by})` : null;
  return [{ ...wrong('quarantined', decided?.atMs ?? null, detail), why: quarantinedFor ?? null }];
}

function storage({ told }: LcuFacts): Found {
  if (!told) return [];
  const { health } = told;
  const free = health.get(HEALTH.diskFreeBytes) ?? Infinity;
  const life = health.get(HEALTH.storageLifePercent) ?? 0;
  const errors = health.get(HEALTH.fileSystemErrors) ?? 0;
  return [
    ...(health.get(HEALTH.readOnly) === 1 ? [wrong('storage-read-only')] : []),
    ...(errors > 0 ? [wrong('storage-errors', null, `${errors}`)] : []),
    ...(life >= STORAGE_WORN_PERCENT ? [wrong('storage-worn', null, `${life} %`)] : []),
    ...(free < STORAGE_LOW_BYTES ? [wrong('storage-low', null, `${Math.floor(free / 1_000_000)} MB`)] : []),
  ];
}

function measuring(facts: LcuFacts, context: FleetContext): Found {
  const { lcu, failing, newestSample, told, contact, awaitsRestart, withheld } = facts;
  const backlog = told?.health.get(HEALTH.backlog) ?? contact?.backlog ?? 0;
  const answeredMs = contact?.lastGoodAtMs ?? null;
  const takenMs = newestSample?.atMs ?? null;
  // The newest that counts: where nothing counts it grows old while samples arrive.
  const mayCount = lcu.state === 'active' && !awaitsRestart;
  // Measured to the last answer: of an LCU that is gone nothing newer can be known.
  const periodS = newestSample?.periodS ?? LONGEST_PERIOD_S;
  const isOld = mayCount && answeredMs !== null && takenMs !== null && isStale(answeredMs - takenMs, context.roundMs, periodS);
  return [
    ...failing.map(({ analyser, status }) =>
      status === 'other-meter' ? wrong('meter-mismatch', null, analyser) : wrong('meter-failing', null, `${analyser} ${status}`),
    ),
    ...(isOld ? [wrong('samples-stale', takenMs)] : []),
    ...(withheld ? [wrong('entries-withheld', withheld.sinceMs, `${withheld.from} to ${withheld.to}`)] : []),
    ...(backlog > BACKLOG_ENTRIES ? [wrong('backlog', null, `${backlog}`)] : []),
  ];
}

function clock({ told }: LcuFacts): Found {
  if (!told) return [];
  if (told.clock === 'none') return [wrong('clock-unset')];
  const aheadMs = told.wallMs - told.receivedAtMs;
  return Math.abs(aheadMs) > CLOCK_TOLERANCE_MS ? [wrong('clock-off', null, `${Math.round(aheadMs / 1_000)} s`)] : [];
}

function trusted({ code, platform }: LcuFacts, { usesReleases, usesPlatforms }: FleetContext): Found {
  const found: Condition[] = [];
  if (code?.mark === 'revoked') found.push(wrong('code-revoked', null, code.reason));
  if (usesReleases && code?.mark === 'unknown') found.push(wrong('code-unknown', null, code.reason));
  if (usesReleases && code?.mark === 'unmeasured') found.push(wrong('code-unmeasured'));
  if (platform?.mark === 'revoked') found.push(wrong('platform-revoked', null, platform.reason));
  if (usesPlatforms && platform?.mark === 'unknown') found.push(wrong('platform-unknown'));
  return found;
}

function wrong(code: ConditionCode, sinceMs: number | null = null, detail: string | null = null): Condition {
  return { code, sinceMs, detail, why: null };
}
