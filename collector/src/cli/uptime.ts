import { csvLine, FarolaError, isoTime, jsonTime, printable, systemClock, textTable } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import type { Contact } from '../fleet/derived-state.js';
import type { FleetReader, Lcu, LcuRecords } from '../fleet/fleet.js';
import { offsetInRound } from '../poll/spread.js';
import { statePaths } from '../config/state-paths.js';
import { openSqliteUptime } from '../uptime/sqlite-uptime.js';
import {
  coveragePercent,
  downReasons,
  type DownSpell,
  reportUptime,
  type Span,
  uptimePercent,
  type UptimeReport,
} from '../uptime/uptime-report.js';
import type { UptimeStore } from '../uptime/uptime-store.js';
import type { CommandOptions } from './command-options.js';
import { openBeside, withState } from './open-store.js';
import { noteFuture, parseSpan } from './parse-time.js';

/** Options of `uptime`. */
export interface UptimeOptions extends CommandOptions {
  readonly lcuId?: string | undefined;
  readonly hours?: string;
  readonly days?: string;
  readonly from?: string;
  readonly to?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** What was asked of one LCU, and how it was. */
interface Shown {
  readonly lcu: Lcu;
  readonly report: UptimeReport;
  /** When it answered well, where that is the last that is known of it; else null. */
  readonly backAtMs: number | null;
}

/** An answer may take the deadline, and is written within these, ms: before, a round is neither up nor unknown. */
export const WRITTEN_MS = 2_000;
const COLUMNS = [
  { title: 'LCU' },
  { title: 'up', align: 'right' },
  { title: 'rounds up', align: 'right' },
  { title: 'down', align: 'right' },
  { title: 'unknown', align: 'right' },
  { title: 'coverage', align: 'right' },
  { title: 'last down' },
] as const;
const SPELL_COLUMNS = [
  { title: 'down since' },
  { title: 'for' },
  { title: 'rounds', align: 'right' },
  { title: 'reason' },
] as const;

/** Of a collector that never ran. */
const NO_ROUNDS: Pick<UptimeStore, 'runs'> = { runs: () => [] };

/**
 * Prints in how many rounds of a window LCUs were up, and why not, as a table, CSV or JSON lines. Errors: `lcu-unknown`,
 * `time-invalid`, `usage`, those of configuration and store.
 */
export async function printUptime(options: UptimeOptions): Promise<void> {
  const { config: path, lcuId, out } = options;
  const nowMs = systemClock().now().wallMs;
  const window = windowOf(options, nowMs);
  await withState(path, async ({ fleet, derived }, config) => {
    const settledMs = nowMs - config.deadlineMs - WRITTEN_MS;
    const { uptime } = statePaths(config);
    const store = await openBeside(uptime, (how) => openSqliteUptime({ path: uptime, ...how }));
    try {
      const looked = { fromMs: window.fromMs, toMs: Math.min(window.toMs, settledMs) };
      const all = chosen(fleet, lcuId).map((lcu) => ({
        lcu,
        report: reportOf(lcu, looked, { fleet, store: store ?? NO_ROUNDS, config }),
        backAtMs: backAt(derived.contact(lcu.lcuNo)),
      }));
      const served = lcuId === undefined ? all.filter(({ report: { up, down, unknown } }) => up + down + unknown > 0) : all;
      if (options.json) for (const one of served) out(JSON.stringify(jsonOf(one, looked, settledMs)));
      else if (options.csv) printCsv(served, looked, out);
      else printTable(served, lcuId !== undefined, settledMs, out);
    } finally {
      store?.close();
    }
  });
}

function windowOf({ hours, days, from, to, note }: UptimeOptions, nowMs: number): Span {
  const named = [hours, days, from ?? to].filter((one) => one !== undefined);
  if (named.length > 1)
    throw new FarolaError('usage', { reason: 'name the window by one of --hours, --days, or --from and --to' });
  if (hours !== undefined) return { fromMs: nowMs - count('--hours', hours) * 3_600_000, toMs: nowMs };
  if (days !== undefined) return { fromMs: nowMs - count('--days', days) * 86_400_000, toMs: nowMs };
  const span = parseSpan({ from, begin: '-24h', to }, nowMs);
  noteFuture({ to }, span.toMs, nowMs, note);
  return span;
}

function count(option: string, text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new FarolaError('usage', { reason: `${option} ${text} is not a whole number from 1 to 99999` });
}

function chosen(fleet: Pick<FleetReader, 'find' | 'list'>, lcuId: string | undefined): readonly Lcu[] {
  if (lcuId === undefined) return fleet.list();
  const lcu = fleet.find(lcuId);
  if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  return [lcu];
}

interface Sources {
  readonly fleet: Pick<LcuRecords, 'keyHistory'>;
  readonly store: Pick<UptimeStore, 'runs'>;
  readonly config: Pick<CollectorConfig, 'pollSeconds'>;
}

/** `status` says that it is well from then on, though the round that began before is a down one. */
function backAt(contact: Contact | undefined): number | null {
  return contact?.verdict === 'ok' ? contact.lastGoodAtMs : null;
}

/** An LCU is in service while one of its keys is in force: from its approval until it is revoked or retired. */
function reportOf({ lcuNo, lcuId }: Lcu, window: Span, { fleet, store, config }: Sources): UptimeReport {
  const roundMs = config.pollSeconds * 1000;
  const inService = fleet.keyHistory(lcuNo).map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? Infinity }));
  const runs = store.runs(lcuNo, window.fromMs, window.toMs);
  return reportUptime({ window, runs, inService, roundMs, offsetMs: offsetInRound(lcuId, roundMs) });
}

function jsonOf({ lcu: { lcuId }, report, backAtMs }: Shown, { fromMs, toMs }: Span, settledMs: number): object {
  const { up, down, unknown, spells } = report;
  return {
    lcuId,
    from: jsonTime(fromMs),
    to: jsonTime(toMs),
    uptimePercent: uptimePercent(report),
    coveragePercent: coveragePercent(report),
    roundsUp: up,
    roundsDown: down,
    roundsUnknown: unknown,
    spells: spells.map((spell) => ({
      code: spell.code,
      since: jsonTime(spell.sinceMs),
      until: goesOn(spell, settledMs, backAtMs) ? null : jsonTime(spell.untilMs),
      lastedSeconds: Math.floor((spell.untilMs - spell.sinceMs) / 1_000),
      roundsDown: spell.rounds,
      hint: hintOf(spell, lcuId) ?? null,
    })),
  };
}

function printCsv(all: readonly Shown[], { fromMs, toMs }: Span, out: (line: string) => void): void {
  out('lcuId,from,to,uptimePercent,coveragePercent,roundsUp,roundsDown,roundsUnknown,lastDownCode,lastDownSince,downReasons');
  for (const { lcu, report } of all) {
    const { up, down, unknown, spells } = report;
    const last = spells.at(-1);
    const percents = [uptimePercent(report), coveragePercent(report)].map((value) => value?.toFixed(3) ?? '');
    const counts = [up, down, unknown].map(String);
    const reason = [last?.code ?? '', last ? jsonTime(last.sinceMs) : '', reasonsText(report, '; ')];
    out(csvLine([lcu.lcuId, jsonTime(fromMs), jsonTime(toMs), ...percents, ...counts, ...reason]));
  }
}

function printTable(all: readonly Shown[], reasons: boolean, settledMs: number, out: (line: string) => void): void {
  if (all.length === 0) return out('no LCU was in service');
  textTable(
    COLUMNS,
    all.map((one) => rowOf(one, settledMs)),
  ).forEach(out);
  if (!reasons) return;
  for (const { lcu, report, backAtMs } of all) {
    if (report.spells.length === 0) continue;
    out('');
    textTable(
      SPELL_COLUMNS,
      report.spells.map((spell) => [isoTime(spell.sinceMs), lasted(spell, settledMs, backAtMs), `${spell.rounds}`, spell.code]),
    ).forEach(out);
    const last = report.spells.at(-1);
    // What is over asks for nothing.
    if (!last || !goesOn(last, settledMs, backAtMs)) out('It is over; what the codes mean says docs/operations.md.');
    else out(`${last.code}: ${printable(hintOf(last, lcu.lcuId) ?? 'see docs/operations.md')}`);
  }
}

function rowOf({ lcu: { lcuId }, report, backAtMs }: Shown, settledMs: number): string[] {
  const { up, down, unknown, spells } = report;
  const last = spells.at(-1);
  const inAll = new Set(spells.map(({ code }) => code)).size > 1 ? `; in all ${reasonsText(report, ', ')}` : '';
  const lastDown = last ? `${last.code}, since ${isoTime(last.sinceMs)}, ${lasted(last, settledMs, backAtMs)}${inAll}` : '';
  return [
    lcuId,
    percentText(uptimePercent(report)),
    `${up}`,
    `${down}`,
    `${unknown}`,
    percentText(coveragePercent(report)),
    lastDown,
  ];
}

/** Such as `lcu-not-connected 3, code-revoked 1`: rounds down by reason. */
function reasonsText(report: UptimeReport, between: string): string {
  return downReasons(report)
    .map(({ code, rounds }) => `${code} ${rounds}`)
    .join(between);
}

function percentText(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(3)} %`;
}

/** Whether the last round that could be known belongs to the spell, and it has not answered well since that began. */
function goesOn(
  { sinceMs, untilMs }: Pick<DownSpell, 'sinceMs' | 'untilMs'>,
  settledMs: number,
  backAtMs: number | null,
): boolean {
  return untilMs > settledMs && !(backAtMs !== null && backAtMs > sinceMs);
}

function lasted(spell: DownSpell, settledMs: number, backAtMs: number | null): string {
  const minutes = Math.round((spell.untilMs - spell.sinceMs) / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  const text = `${days > 0 ? `${days} d ` : ''}${hours > 0 ? `${hours} h ` : ''}${minutes % 60} min`;
  return goesOn(spell, settledMs, backAtMs) ? `${text}, goes on` : text;
}

/** What to do about it; undefined where the table has no advice that fits without more facts. */
function hintOf({ code }: Pick<DownSpell, 'code'>, lcuId: string): string | undefined {
  const { hint } = new FarolaError(code, { lcu: lcuId });
  return hint?.includes('{') ? undefined : hint;
}
