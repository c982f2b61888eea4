import type { Decided } from '../fleet/counting.js';
import type { ClockAnchors, NewAnchor, TableFact } from '../fleet/derived-state.js';
import type { PanelStay } from '../fleet/fleet.js';
import type { LeftOut } from '../proof/left-out.js';
import type { Interval } from './intervals.js';
import type { QuarterSummary } from './quarter-summary.js';

/** What is known of an LCU beside its answers: where it was, and how it stood. */
export interface LcuFrame {
  readonly stays: readonly Pick<PanelStay, 'panel' | 'fromMs' | 'toMs'>[];
  /** In the order of the ledger. */
  readonly decisions: readonly Decided[];
}

/** A quarter of a measuring point. */
export interface PointQuarter {
  readonly pointNo: number;
  readonly point: string;
  readonly quarter: number;
}

/** Samples that are in no quarter, by the reason (place-samples.ts). */
export interface WithoutPlace {
  readonly undated: number;
  readonly unplaced: number;
  readonly barred: number;
}

/**
 * Port: what the follower of the ledger keeps. Everything in it can be made anew from ledger and fleet. One process at a
 * time makes it, others may read. Errors: `disk-failure`, `aggregates-corrupt`.
 */
export interface AggregateStore {
  /** One transaction. */
  change<Value>(work: () => Value): Value;
  /** Wall time of the begin of the last pass that came to its end, ms; null before the first. */
  lookedAtMs(): number | null;
  setLookedAt(ms: number): void;

  /** Whether a row was taken in, or left out. */
  isTaken(key: number): boolean;
  /** Notes what is not taken in, now or later. */
  leaveOut(places: readonly LeftOut[]): void;
  addRow(key: number, epochNo: number): void;
  /** Gives a row its place in these quarters, and no others. Those that it had and has are to be made again. */
  placeRow(
    key: number,
    lcuNo: number,
    at: readonly { readonly point: string; readonly quarter: number }[],
    without: WithoutPlace,
  ): void;
  /** The number of an epoch, which is new when it is not known. */
  epochNo(lcuNo: number, epoch: Uint8Array): number;
  /** Keys, ascending. */
  rowsOfEpoch(epochNo: number): readonly number[];
  /** Epochs whose start entry names this boot. */
  epochsOfBoot(lcuNo: number, boot: Uint8Array): readonly number[];
  /** Keys of an LCU from one on. */
  rowsSince(lcuNo: number, key: number): readonly number[];

  /** Start and table entries of an epoch, ascending. */
  facts(epochNo: number): readonly TableFact[];
  /** Whether it was not known. @param boot of a start entry */
  addFact(epochNo: number, fact: TableFact, boot: Uint8Array | null): boolean;
  anchors(lcuNo: number, boot: Uint8Array): ClockAnchors;
  /** Whether it takes its place: the one from the lowest key, in it the first. */
  addAnchor(key: number, anchor: NewAnchor): boolean;
  frame(lcuNo: number): LcuFrame | undefined;
  setFrame(lcuNo: number, frame: LcuFrame): void;

  /** Quarters that are to be made again, oldest first. */
  dirty(limit: number): readonly PointQuarter[];
  /** How many these are, counted up to the limit. */
  dirtyCount(limit: number): number;
  /** Keys of the rows with samples of a quarter, ascending. */
  sources(of: PointQuarter, limit: number): readonly number[];
  /** Puts a quarter in place; undefined: there is nothing in it. It is made then. */
  setQuarter(of: PointQuarter, summary: QuarterSummary | undefined): void;
}

/** Port: reads the quarters. Errors: `disk-failure`, `aggregates-corrupt`. */
export interface AggregateReader {
  /** See AggregateStore.lookedAtMs. */
  lookedAtMs(): number | null;
  /** Names of the measuring points of an LCU, of a panel, or of all, in order of names. */
  points(of: { readonly lcuNo?: number | undefined; readonly panel?: string | undefined }): readonly string[];
  /** Numbers of LCUs that measured at a point. */
  lcusAt(point: string): readonly number[];
  /** First and last quarter of a point that anything was ever in; undefined when nothing was. */
  span(point: string): { readonly first: number; readonly last: number } | undefined;
  quarter(point: string, quarter: number): QuarterSummary | undefined;
  /** When no LCU is to measure at a point, by the tables and the panels of those that did; in time. */
  notAsked(point: string): readonly Interval[];
  /** Samples without a place in what was received of an LCU from a wall time on. */
  withoutPlace(lcuNo: number, receivedFromMs: number): WithoutPlace;
  /** How many places of the ledger were left out, of some LCUs and of none that is known, of what was received from a wall time on. */
  leftOut(lcuNos: readonly number[], receivedFromMs: number): number;
}
