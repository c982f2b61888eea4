import { FarolaError, jsonTime, type Problem, problemOf } from '@farola/shared';
import { CONDITIONS, type ConditionCode } from './conditions.js';
import type { FleetContext, LcuFacts } from './lcu-facts.js';
import { type Level, type StatusRow, statusRow } from './status-row.js';

/** The collector of a status, and whether it runs. */
export interface CollectorStatus {
  readonly collectorId: string;
  /** Of the program that prints this. */
  readonly version: string;
  readonly running: boolean;
  /** LCUs that hold a connection; null when it is stopped. */
  readonly connectedCount: number | null;
  /** Why it can store nothing of any LCU now; null while it can, and when it is stopped. */
  readonly notStored: Problem | null;
  /** When any LCU was polled last; null before the first. */
  readonly lastPollAt: string | null;
}

/** How many LCUs are how. `active` to `retired` are states, and add up; the others are counted among them. */
export interface FleetSummary {
  readonly lcuCount: number;
  readonly active: number;
  readonly quarantined: number;
  readonly pending: number;
  readonly invited: number;
  readonly revoked: number;
  readonly retired: number;
  readonly down: number;
  readonly late: number;
  readonly attention: number;
  readonly well: number;
}

/** A configuration that was sent and did not end yet. */
export interface PendingConfiguration {
  readonly sequence: number;
  readonly state: 'waits' | 'on-trial';
  /** When it was ordered, ISO 8601. */
  readonly since: string;
  /** When about the trial ends that it is on, or that it waits for, ISO 8601; null when there is none, or the LCU does not say how long it takes. */
  readonly trialEndsAt: string | null;
  /** The configuration on trial that it waits for; null when it waits for the LCU alone. */
  readonly waitsForSequence: number | null;
}

/** What `status --json` prints; docs/json.md has each field. */
export interface FleetStatus {
  readonly at: string;
  readonly collector: CollectorStatus;
  readonly summary: FleetSummary;
  /** What could not be read: what it would tell is missing. */
  readonly troubles: readonly Problem[];
  /** A configuration that waits for the one LCU that was asked, or is on trial there; null when there is none, and for a fleet. */
  readonly configuration: PendingConfiguration | null;
  /** The worst first. */
  readonly lcus: readonly StatusRow[];
}

/** What a status is made from. */
export interface FleetFacts {
  readonly collector: Omit<CollectorStatus, 'lastPollAt'>;
  readonly lcus: readonly LcuFacts[];
  readonly context: Omit<FleetContext, 'asOfMs'>;
  readonly unread: readonly unknown[];
  readonly configuration?: PendingConfiguration | null;
}

const LEVELS: readonly Level[] = ['down', 'attention', 'waiting', 'well', 'gone'];
const CODES = Object.keys(CONDITIONS) as ConditionCode[];

/** The status of a fleet, the worst LCU first. */
export function fleetStatus({ collector, lcus, context, unread, configuration = null }: FleetFacts): FleetStatus {
  const lastPollMs = lcus.reduce((last, { contact }) => Math.max(last, contact?.lastAtMs ?? 0), 0);
  const asOfMs = collector.running ? context.nowMs : lastPollMs;
  const rows = lcus.map((facts) => statusRow(facts, { ...context, asOfMs }));
  return {
    at: jsonTime(context.nowMs),
    collector: { ...collector, lastPollAt: lastPollMs > 0 ? jsonTime(lastPollMs) : null },
    summary: summaryOf(rows),
    troubles: troublesOf(unread),
    configuration,
    lcus: rows.sort(worstFirst),
  };
}

function summaryOf(rows: readonly StatusRow[]): FleetSummary {
  const count = (holds: (row: StatusRow) => boolean): number => rows.filter(holds).length;
  const of = (state: StatusRow['state']): number => count((row) => row.state === state);
  return {
    lcuCount: rows.length,
    active: of('active'),
    quarantined: of('quarantined'),
    pending: of('pending'),
    invited: of('invited'),
    revoked: of('revoked'),
    retired: of('retired'),
    down: count(({ level }) => level === 'down'),
    late: count(({ late }) => late),
    attention: count(({ level }) => level === 'attention'),
    well: count(({ level }) => level === 'well'),
  };
}

/** By how bad it is, by the gravest condition, by how long it has been so, by name. */
function worstFirst(a: StatusRow, b: StatusRow): number {
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    gravest(a) - gravest(b) ||
    since(a).localeCompare(since(b)) ||
    a.lcuId.localeCompare(b.lcuId)
  );
}

function gravest({ conditions }: StatusRow): number {
  const [first] = conditions;
  return first ? CODES.indexOf(first.code) : CODES.length;
}

/** A time that is not known comes behind all that are. */
function since({ conditions }: StatusRow): string {
  return conditions[0]?.since ?? '~';
}

/** Each once: of a file that cannot be read every LCU would tell. */
function troublesOf(unread: readonly unknown[]): Problem[] {
  const troubles = unread.filter((error) => error instanceof FarolaError).map(problemOf);
  return [...new Map(troubles.map((trouble) => [trouble.message, trouble])).values()];
}
