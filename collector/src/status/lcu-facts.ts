import type { ClockQuality, OpenEpoch, SampleStatus } from '@farola/shared';
import type { Contact } from '../fleet/derived-state.js';
import type { Lcu } from '../fleet/fleet.js';
import type { PlatformMark } from '../fleet/platform-book.js';
import type { CodeMark } from '../fleet/release-book.js';
import type { OutcomeRun } from '../uptime/outcome-run.js';
import type { UptimeReport } from '../uptime/uptime-report.js';

/** Everything that a status says of one LCU rests on this. Times are wall times of the collector, ms since 1970 UTC. */
export interface LcuFacts {
  readonly lcu: Lcu;
  /** Undefined before its first poll. */
  readonly contact: Contact | undefined;
  /** Whether it is not known how long ago the last verified answer was: the collector's clock went back since. */
  readonly contactAgeLost: boolean;
  /** What the rounds of the last day came to, oldest first; of before, when there was none, the last. */
  readonly runs: readonly OutcomeRun[];
  /** The rounds of the last 24 hours. */
  readonly uptime: UptimeReport;
  /** What the collector found when it quarantined it, in words; undefined of one that is not, or that a person did. */
  readonly quarantinedFor: string | undefined;
  /** Whether what it measures counts only from the next start of its agent on: it was released, and its agent runs since before. */
  readonly awaitsRestart: boolean;
  /** The newest of what counts; undefined when it never delivered a live one. */
  readonly newestSample: NewestSample | undefined;
  /** Analysers of which values are missing by their newest samples, by their ids, with how it went. */
  readonly failing: readonly { readonly analyser: string; readonly status: SampleStatus }[];
  /** What its newest answer told of itself; undefined when the ledger has none of the last contact. */
  readonly told: ToldState | undefined;
  /** The oldest entries that it lists and does not deliver; undefined when it delivers what it is asked. */
  readonly withheld: WithheldEntries | undefined;
  /** As its start entry says; undefined while that is not stored. */
  readonly agentVersion: string | undefined;
  /** Undefined before its first verified answer, as `platform`. */
  readonly code: (CodeMark & { readonly hash: string | null }) | undefined;
  readonly platform: (PlatformMark & { readonly hash: string | null }) | undefined;
}

/** The newest sample of any analyser. */
export interface NewestSample {
  /** When it was taken; null when that is not known any more, since the collector's clock went back. */
  readonly atMs: number | null;
  readonly status: SampleStatus;
  /** Seconds after which the next one of any analyser is due: the shortest period; null while its table is not here. */
  readonly periodS: number | null;
}

/** Entries of one epoch that were asked in vain. */
export interface WithheldEntries {
  readonly from: number;
  readonly to: number;
  /** When that was found, wall time in ms. */
  readonly sinceMs: number;
}

/** What an answer tells beside its entries, as signed. */
export interface ToldState {
  readonly receivedAtMs: number;
  /** The LCU's wall clock when it answered. */
  readonly wallMs: number;
  /** Undefined for a number that this version does not know. */
  readonly clock: ClockQuality | undefined;
  /** By the keys of HEALTH. */
  readonly health: ReadonlyMap<number, number>;
  /** The epoch that it is in. */
  readonly epoch: Uint8Array;
  /** Epochs of which it says that it holds entries, with the first and the last. */
  readonly openEpochs: readonly OpenEpoch[];
}

/** What is known of the collector, and what people use of it. */
export interface FleetContext {
  readonly nowMs: number;
  /** As of when the newest polls are known: now, or, when the collector is stopped, when it polled last. */
  readonly asOfMs: number;
  /** Since when the collector runs; null when it is stopped, or does not tell. */
  readonly begunMs: number | null;
  /** Length of a round, ms. */
  readonly roundMs: number;
  /** Whether release keys are configured: only then unknown code is wrong. */
  readonly usesReleases: boolean;
  /** Whether any platform was ever judged. */
  readonly usesPlatforms: boolean;
}
