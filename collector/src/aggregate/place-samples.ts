import { ANSWER, type AnalyserRow, cutSigned, FarolaError, parseMessage, sameBytes, type SampleEntry } from '@farola/shared';
import { dateSample } from '../api/date-sample.js';
import { analyserOf, sampleOf } from '../api/reading.js';
import { type Decided, epochCounts, type Placed, standingAt } from '../fleet/counting.js';
import { panelAt } from '../api/panel-at.js';
import type { ClockAnchors, EpochStart, EpochTable } from '../fleet/derived-state.js';
import type { PanelStay } from '../fleet/fleet.js';
import { isFirstBranch } from '../branch-id.js';
import type { LedgerRow, OwnedRange } from '../ledger/ledger.js';
import { entriesOf } from '../row-entries.js';
import { meterTag, ratedPower } from './meter-tag.js';
import { quarterOf } from './quarter.js';
import { planOf as planOfRows, type PointPlan } from './quarter-periods.js';
import { partsOf } from './sample-parts.js';
import type { PointSample } from './summarise-quarter.js';

/** What is known of the LCU and epoch of a row. */
export interface RowContext {
  readonly stays: readonly Pick<PanelStay, 'panel' | 'fromMs'>[];
  /** In the order of the ledger. */
  readonly decisions: readonly Decided[];
  readonly table: EpochTable | undefined;
  readonly start: EpochStart | undefined;
  /** The row that brought the start entry of the epoch; asked after a release alone. */
  readonly startRow: () => Placed | undefined;
  readonly anchors: ClockAnchors;
}

/** Values of a sample that were asked at one instant, at their place. */
export interface PlacedSample {
  readonly point: string;
  readonly quarter: number;
  readonly sample: PointSample;
}

/** The samples of a row: those that have a place, and how many have none, by the reason. */
export interface PlacedRow {
  readonly placed: readonly PlacedSample[];
  /** Nothing tells when they were taken. */
  readonly undated: number;
  /** Their analyser was not told yet. */
  readonly unplaced: number;
  /** Delivered while nothing of the LCU counts, or of an epoch that does not, or of a branch. */
  readonly barred: number;
}

/**
 * Places the samples that a row owns. Pure: it gives the same whenever it is asked with the same knowledge. Error:
 * `ledger-corrupt` for a row whose answer cannot be read.
 */
export function placeSamples(row: LedgerRow, owned: readonly OwnedRange[], context: RowContext): PlacedRow {
  const { table, start, decisions } = context;
  const now = nowOf(row);
  const inBoot = table?.boot && sameBytes(table.boot, now.boot);
  const countsAs = (placed: Placed): boolean =>
    isFirstBranch(row.epoch) && epochCounts(standingAt(decisions, placed, context.startRow), start?.atMs);
  const countsWhole = countsAs(row);
  const isByEntry = decisions.some(({ stored }) => stored !== undefined);
  const common = new Map<AnalyserRow, CommonOfRow>();
  const planOf = rememberPlans(table);
  const placed: PlacedSample[] = [];
  let undated = 0;
  let unplaced = 0;
  let barred = 0;
  for (const { n, sample } of samplesOf(row, owned)) {
    const analyser = analyserOf(table, sample);
    const ageMs = inBoot ? now.monoMs - sample.at.monoMs : undefined;
    const { takenAtMs, dating } = dateSample(sample, { receivedAtMs: row.receivedAtMs, ageMs, anchors: context.anchors });
    const panel = panelAt(context.stays, takenAtMs);
    const counts = isByEntry ? countsAs({ ...row, n }) : countsWhole;
    if (!counts) barred++;
    else if (!analyser || panel === undefined) unplaced++;
    else if (dating === 'unknown') undated++;
    else {
      const ofRow = common.get(analyser) ?? commonOf(analyser, planOf(analyser), row.lcuNo);
      common.set(analyser, ofRow);
      for (const { offsetMs, ...part } of partsOf(sample, analyser)) {
        const askedMs = takenAtMs + offsetMs;
        const pointSample = { epoch: row.epoch, n, ...ofRow, takenAtMs: askedMs, ...part };
        placed.push({ point: `${panel}/${analyser.id}`, quarter: quarterOf(askedMs), sample: pointSample });
      }
    }
  }
  return { placed, undated, unplaced, barred };
}

/** What all samples of a row of the analyser table have in common. */
type CommonOfRow = Pick<PointSample, 'meter' | 'ratedW' | 'periodS' | 'plan'>;

function commonOf(row: AnalyserRow, plan: PointPlan, lcuNo: number): CommonOfRow {
  return { meter: meterTag(row, lcuNo), ratedW: ratedPower(row), periodS: row.periodS, plan };
}

/** The plan of an analyser, made once for all of its rows: an LCU may sign 64 tables of them in an epoch. */
function rememberPlans(table: EpochTable | undefined): (row: AnalyserRow) => PointPlan {
  const known = new Map<string, PointPlan>();
  return (row) => {
    const plan = known.get(row.id) ?? planOfAnalyser(row, table);
    known.set(row.id, plan);
    return plan;
  };
}

/** By all rows that the epoch ever names for the analyser, those in force above the others. */
function planOfAnalyser({ id }: AnalyserRow, table: EpochTable | undefined): PointPlan {
  const rows = (table?.analysers ?? []).filter((one) => one.id === id);
  const retired = new Set(table?.retired);
  const isRetired = ({ index }: AnalyserRow): boolean => retired.has(index);
  return planOfRows([...rows.filter(isRetired), ...rows.filter((one) => !isRetired(one))]);
}

function* samplesOf(row: LedgerRow, owned: readonly OwnedRange[]): Iterable<{ n: number; sample: SampleEntry }> {
  const items = entriesOf(row);
  for (const { epoch, from, to } of owned) {
    if (!sameBytes(epoch, row.epoch)) continue;
    for (let n = Math.max(from, row.first); n <= Math.min(to, row.first + items.length - 1); n++) {
      const sample = sampleOf(items[n - row.first] as Uint8Array);
      if (sample) yield { n, sample };
    }
  }
}

/** The answer was verified before it was stored: that it cannot be read now is a fault of the disk. */
function nowOf({ key, answer }: LedgerRow): { boot: Uint8Array; monoMs: number } {
  const cut = cutSigned(answer);
  const parsed = cut.ok ? parseMessage(ANSWER, cut.value.payload) : cut;
  if (parsed.ok) return { boot: parsed.value.boot, monoMs: parsed.value.now[0] };
  throw new FarolaError('ledger-corrupt', { path: 'ledger', reason: `answer of row ${key} cannot be read: ${parsed.code}` });
}
