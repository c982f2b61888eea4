import { ANSWER, clockQualityName, codeOf, cutSigned, parseMessage, toHex } from '@farola/shared';
import { sampleOf } from '../api/reading.js';
import { countsAt } from '../fleet/counts-at.js';
import type { AgeLosses } from '../fleet/age-losses.js';
import type { Contact, EpochTable, HeldSample, LatestReader, EpochReader } from '../fleet/derived-state.js';
import type { Lcu, LcuRecords } from '../fleet/fleet.js';
import type { PlatformBook } from '../fleet/platform-book.js';
import type { ReleaseBook } from '../fleet/release-book.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { offsetInRound } from '../poll/spread.js';
import { reportUptime, type UptimeReport } from '../uptime/uptime-report.js';
import type { UptimeStore } from '../uptime/uptime-store.js';
import { failingOf } from './failing-analysers.js';
import { whyQuarantined } from './why-quarantined.js';
import type { LcuFacts, NewestSample, ToldState, WithheldEntries } from './lcu-facts.js';

/** Where the facts are. A store that cannot be read is left out, and so is what it would tell. */
export interface FactSources {
  readonly fleet: Pick<LcuRecords, 'keyHistory'>;
  readonly derived: Pick<LatestReader & EpochReader, 'contact' | 'latest' | 'platform' | 'table' | 'start'>;
  readonly ageLosses: Pick<AgeLosses, 'isContactLost'>;
  readonly uptime: Pick<UptimeStore, 'runs' | 'last'> | undefined;
  readonly ledger: Pick<LedgerReader, 'newestAnswer' | 'judgements' | 'rowOf'> | undefined;
  readonly releases: Pick<ReleaseBook, 'mark'>;
  readonly platforms: Pick<PlatformBook, 'mark'>;
}

/** Of which time. */
export interface FactTimes {
  readonly nowMs: number;
  /** Up to when rounds can be known: answers to later ones may still come, ms. */
  readonly settledMs: number;
  readonly roundMs: number;
}

/** What uptime is told of, ms. */
const DAY_MS = 86_400_000;

/** Told what could not be read of an LCU; the rest is shown. */
export type OnUnread = (error: unknown) => void;

/** Reads what is known of an LCU: lookups by its number, as many as it has analysers and runs of a day, and no more. */
export function readFacts(lcu: Lcu, sources: FactSources, times: FactTimes, onUnread: OnUnread): LcuFacts {
  const { lcuNo } = lcu;
  const { derived, ledger, releases, platforms, ageLosses } = sources;
  const contact = derived.contact(lcuNo);
  const answered = typeof contact?.lastGoodAtMs === 'number' ? contact : undefined;
  const told = attempt(() => toldBy(contact, sources.ledger), onUnread);
  const latest = derived.latest(lcuNo);
  const table = told && derived.table(lcuNo, told.epoch);
  const platform = answered && (derived.platform(lcuNo)?.hash ?? null);
  return {
    lcu,
    contact,
    contactAgeLost: ageLosses.isContactLost(lcuNo, contact?.lastGoodAtMs ?? null),
    ...rounds(lcu, sources, times, onUnread),
    quarantinedFor: attempt(() => ledger && whyQuarantined(lcu, ledger), onUnread),
    awaitsRestart: attempt(() => awaitsRestart(lcu, told, sources), onUnread) ?? false,
    newestSample: newestOf(latest, table),
    failing: failingOf(latest, table),
    told,
    // What was withheld is backlog: of most LCUs there is nothing to look for.
    withheld: (contact?.backlog ?? 0) > 0 ? attempt(() => withheldBy(lcuNo, told, sources.ledger), onUnread) : undefined,
    agentVersion: table?.agentVersion,
    code: answered && { ...releases.mark(answered.codeHash, times.nowMs), hash: answered.codeHash && toHex(answered.codeHash) },
    platform: platform === undefined ? undefined : { ...platforms.mark(platform), hash: platform && toHex(platform) },
  };
}

/** What the answer says of the LCU that came with its last contact. It was verified when it was stored. */
function toldBy(contact: Contact | undefined, ledger: FactSources['ledger']): ToldState | undefined {
  if (typeof contact?.lastGoodAtMs !== 'number') return undefined;
  const newest = ledger?.newestAnswer(contact.lcuNo, contact.lastGoodAtMs);
  const cut = newest && cutSigned(newest.answer);
  const answer = cut?.ok === true ? parseMessage(ANSWER, cut.value.payload) : undefined;
  if (!newest || answer?.ok !== true) return undefined;
  const { now, health, openEpochs, epoch } = answer.value;
  const [, wallMs, quality] = now;
  const { receivedAtMs } = newest;
  return { receivedAtMs, wallMs, clock: clockQualityName(quality), health, epoch: openEpochs.at(-1)?.[0] ?? epoch, openEpochs };
}

/** What was judged as withheld, is listed still, and is not stored. */
function withheldBy(lcuNo: number, told: ToldState | undefined, ledger: FactSources['ledger']): WithheldEntries | undefined {
  for (const { code, facts, judgedAtMs } of ledger?.judgements(lcuNo) ?? []) {
    if (code !== 'entries-withheld') continue;
    const [from, to] = [Number(facts['from']), Number(facts['to'])];
    const listed = told?.openEpochs.find(
      ([epoch, first, last]) => toHex(epoch) === facts['epoch'] && first <= from && to <= last,
    );
    if (listed && !ledger?.rowOf(lcuNo, listed[0], from)) return { from, to, sinceMs: judgedAtMs };
  }
  return undefined;
}

/** Asked of one that was released alone: of all others what they measure counts, or a person sees why it does not. */
function awaitsRestart({ lcuNo, standing }: Lcu, told: ToldState | undefined, { ledger, derived }: FactSources): boolean {
  if (standing?.decision !== 'released' || !told || !ledger) return false;
  return !countsAt(ledger, derived)(lcuNo, told.epoch);
}

function rounds(
  lcu: Lcu,
  { fleet, uptime }: FactSources,
  { nowMs, settledMs, roundMs }: FactTimes,
  onUnread: OnUnread,
): Pick<LcuFacts, 'runs' | 'uptime'> {
  const fromMs = nowMs - DAY_MS;
  const runs = attempt(() => uptime?.runs(lcu.lcuNo, fromMs, nowMs), onUnread) ?? [];
  const last = runs.length > 0 ? undefined : attempt(() => uptime?.last(lcu.lcuNo), onUnread);
  const inService = fleet.keyHistory(lcu.lcuNo).map((key) => ({ fromMs: key.fromMs, toMs: key.toMs ?? Infinity }));
  const window = { fromMs, toMs: settledMs };
  const offsetMs = offsetInRound(lcu.lcuId, roundMs);
  const report: UptimeReport = reportUptime({ window, runs, inService, roundMs, offsetMs });
  return { runs: last ? [last] : runs, uptime: report };
}

function newestOf(latest: readonly HeldSample[], table: EpochTable | undefined): NewestSample | undefined {
  let newest: NewestSample | undefined;
  const periodS = table ? shortestPeriod(table) : null;
  for (const { entry, receivedAtMs, ageMs, ageLost } of latest) {
    const status = sampleOf(entry)?.status;
    if (status === undefined) continue;
    const atMs = ageLost ? null : receivedAtMs - ageMs;
    if (!newest || (atMs !== null && atMs > (newest.atMs ?? -Infinity))) newest = { atMs, status, periodS };
  }
  return newest;
}

/** Of the rows that are read; null where there are none. */
function shortestPeriod({ analysers, retired }: EpochTable): number | null {
  const periods = analysers.filter(({ index }) => !retired.includes(index)).map(({ periodS }) => periodS);
  return periods.length > 0 ? Math.min(...periods) : null;
}

/** What a store gives; undefined when it throws one of its errors, which is told. */
function attempt<T>(read: () => T, onUnread: OnUnread): T | undefined {
  try {
    return read();
  } catch (error) {
    if (codeOf(error) === 'internal') throw error;
    onUnread(error);
    return undefined;
  }
}
