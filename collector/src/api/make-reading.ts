import type { AnalyserRow, SampleEntry } from '@farola/shared';
import type { ClockAnchors, EpochTable } from '../fleet/derived-state.js';
import type { Lcu, PanelStay } from '../fleet/fleet.js';
import type { EpochBounds } from './bound.js';
import { dateSample } from './date-sample.js';
import { panelAt } from './panel-at.js';
import { analyserOf, columnsOf, type QuantityColumn, type Reading, type ReadingSample, valuesOf } from './reading.js';

/** Which samples are asked. */
export interface ReadingsQuery {
  readonly lcu: Lcu;
  /** Only what was measured at this point, `panel/analyser`, wherever the LCU was otherwise. */
  readonly point?: string | undefined;
  /** Only these quantities. */
  readonly quantities?: ReadonlySet<string> | undefined;
}

/** What all readings of one question have in common. */
export interface Asked {
  readonly query: ReadingsQuery;
  /** Of the LCU, oldest first. */
  readonly stays: readonly PanelStay[];
  readonly columns: ColumnsOf;
}

/** What samples that were delivered together have in common. */
export interface Delivery {
  /** The analysers of the epoch; undefined while its start entry is not here. */
  readonly table: EpochTable | undefined;
  /** See Reading. */
  readonly epoch: string;
  readonly branch: number;
  readonly counts: boolean;
  readonly receivedAtMs: number;
  /** What dates the boot of the epoch, and what lies around it. */
  readonly anchors?: ClockAnchors | undefined;
  readonly bounds?: () => EpochBounds;
}

/** A sample as it was delivered. */
export interface Delivered {
  readonly n: number;
  readonly sample: SampleEntry;
  /** Age at receipt, ms; undefined when it is not known. */
  readonly ageMs: number | undefined;
  /** Whether it is not known how long ago that was (see HeldSample). */
  readonly ageLost?: boolean;
}

/** Dates a sample, finds its place and writes its values; undefined when another point is asked, or none of the quantities of its scan group. */
export function readingOf(
  { query, stays, columns }: Asked,
  delivery: Delivery,
  { n, sample, ageMs, ageLost = false }: Delivered,
): Reading | undefined {
  const { table, epoch, branch, counts, receivedAtMs, anchors, bounds } = delivery;
  const analyser = analyserOf(table, sample);
  const asked = analyser && columns(analyser);
  if (asked?.length === 0 && query.quantities) return undefined;
  const time = dateSample(sample, { receivedAtMs, ageMs, anchors, bounds });
  const point = `${panelAt(stays, time.takenAtMs) ?? query.lcu.panel}/${analyser?.id ?? `#${sample.analyser}`}`;
  if (query.point !== undefined && point !== query.point) return undefined;
  const of: ReadingSample = {
    takenAtMs: time.takenAtMs,
    dating: time.dating,
    observedAtMs: ageLost ? null : time.observedAtMs,
    notBeforeMs: time.notBeforeMs,
    notAfterMs: time.notAfterMs,
    status: sample.status,
    profileId: analyser?.profileId ?? null,
    profileOrigin: analyser?.profileOrigin ?? null,
    periodS: analyser?.periodS ?? null,
    epoch,
    n,
    branch,
    counts,
  };
  const values = asked ? valuesOf(sample, asked, of) : [];
  // Field by field: to spread an object costs a tenth of a reading.
  return {
    lcuId: query.lcu.lcuId,
    point,
    takenAtMs: of.takenAtMs,
    dating: of.dating,
    observedAtMs: of.observedAtMs,
    notBeforeMs: of.notBeforeMs,
    notAfterMs: of.notAfterMs,
    status: of.status,
    profileId: of.profileId,
    profileOrigin: of.profileOrigin,
    periodS: of.periodS,
    epoch,
    n,
    branch,
    counts,
    values,
    assurance: `A${query.lcu.assurance}`,
  };
}

/** The quantities of an analyser that are asked. */
type ColumnsOf = (analyser: AnalyserRow) => readonly QuantityColumn[];

/** Looks the quantities of each analyser up once. For as long as one question takes. @param only names, or all */
export function rememberColumns(only?: ReadonlySet<string>): ColumnsOf {
  const known = new Map<AnalyserRow, readonly QuantityColumn[]>();
  return (analyser) => {
    const columns = known.get(analyser) ?? columnsOf(analyser, only);
    known.set(analyser, columns);
    return columns;
  };
}
