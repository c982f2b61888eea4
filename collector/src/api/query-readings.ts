import { cutItems, sameBytes, toHex } from '@farola/shared';
import { branchOf, epochOf } from '../branch-id.js';
import type { CountsAt } from '../fleet/counts-at.js';
import type { ClockAnchors, DerivedState, EpochTable } from '../fleet/derived-state.js';
import type { Lcu, PanelStay } from '../fleet/fleet.js';
import type { LedgerReader, LedgerRow, SharedSpan } from '../ledger/ledger.js';
import type { EpochBounds } from './bound.js';
import { dateSample } from './date-sample.js';
import { EpochLine, type LineSource, monoAtAnswer } from './epoch-line.js';
import { panelAt } from './panel-at.js';
import { analyserOf, type Reading, sampleOf, valuesOf } from './reading.js';
import { rememberTables } from './remembered-tables.js';

/** What readings are made from. */
export interface ReadingsSource {
  readonly ledger: Pick<LedgerReader, 'rows' | 'ownedBy' | 'sharedOf'> & LineSource['ledger'];
  readonly derived: Pick<DerivedState, 'latest' | 'table' | 'panelStays'> & LineSource['derived'];
  readonly countsAt: CountsAt;
}

/** Which samples are asked. */
export interface ReadingsQuery {
  readonly lcu: Lcu;
  /** Only what was measured at this point, `panel/analyser`, wherever the LCU was otherwise. */
  readonly point?: string | undefined;
  /** Only these quantities. */
  readonly quantities?: ReadonlySet<string> | undefined;
}

/**
 * The newest live sample of each analyser of an LCU, in order of their indexes. Whether it counts is said of now: a
 * quarantine bars also what came before it from being the present state.
 */
export function latestReadings({ derived, countsAt }: Omit<ReadingsSource, 'ledger'>, query: ReadingsQuery): Reading[] {
  const { lcuNo } = query.lcu;
  const stays = derived.panelStays(lcuNo);
  const tables = new Map<string, EpochTable | undefined>();
  const readings = derived.latest(lcuNo).map(({ epoch, n, entry, receivedAtMs, ageMs, ageLost }) => {
    const name = toHex(epoch);
    if (!tables.has(name)) tables.set(name, derived.table(lcuNo, epoch));
    const table = tables.get(name);
    const counts = countsAt(lcuNo, epoch);
    const reading = readingOf({ table, stays, query, epoch, counts, n, entry, receivedAtMs, nowMonoMs: undefined, ageMs });
    return reading && ageLost ? { ...reading, observedAtMs: null } : reading;
  });
  return readings.filter((reading) => reading !== undefined);
}

/**
 * The samples of an LCU that were taken in a span, both ends included, in the order of their receipt. Only what was
 * received from `fromMs` to `untilMs` is looked at, and each sample comes once, from the row that owns it.
 */
export function* readingsBetween(
  source: ReadingsSource,
  query: ReadingsQuery,
  span: { readonly fromMs: number; readonly toMs: number; readonly untilMs: number },
): Iterable<Reading> {
  const { ledger, derived, countsAt } = source;
  const { lcuNo } = query.lcu;
  const stays = derived.panelStays(lcuNo);
  const remembered = { ledger, derived: rememberTables(derived), countsAt };
  const line = new EpochLine({ ledger, derived }, lcuNo);
  for (const row of ledger.rows(lcuNo, span.fromMs, span.untilMs)) {
    for (const reading of readingsOfRow(remembered, query, stays, line, row)) {
      if (reading.takenAtMs >= span.fromMs && reading.takenAtMs <= span.toMs) yield reading;
    }
  }
}

/** A source whose tables are remembered. */
interface RowSource extends Pick<ReadingsSource, 'ledger' | 'countsAt'> {
  readonly derived: Pick<ReadingsSource['derived'], 'table' | 'anchors'>;
}

function* readingsOfRow(
  { ledger, derived, countsAt }: RowSource,
  query: ReadingsQuery,
  stays: readonly PanelStay[],
  line: EpochLine,
  row: LedgerRow,
): Iterable<Reading> {
  const { epoch, receivedAtMs, first } = row;
  const owned = ledger.ownedBy(row.key).filter((range) => sameBytes(range.epoch, epoch));
  if (owned.length === 0) return;
  const shared = (): readonly SharedSpan[] => ledger.sharedOf(query.lcu.lcuNo, epoch);
  const table = derived.table(query.lcu.lcuNo, epoch, shared);
  const nowMonoMs = table?.boot && monoAtAnswer(row, table.boot);
  const anchors = table?.boot && derived.anchors(query.lcu.lcuNo, table.boot);
  const bounds = (): EpochBounds => line.bounds(epochOf(epoch));
  const counts = countsAt(query.lcu.lcuNo, epoch, row);
  const common = { table, stays, query, epoch, counts, receivedAtMs, nowMonoMs, anchors, bounds };
  const { items } = cutItems(row.entries);
  for (const { from, to } of owned) {
    for (let n = Math.max(from, first); n <= Math.min(to, first + items.length - 1); n++) {
      const entry = items[n - first] as Uint8Array;
      const reading = readingOf({ ...common, n, entry });
      if (reading) yield reading;
    }
  }
}

interface Found {
  /** The analysers of the epoch; undefined while its start entry is not here. */
  readonly table: EpochTable | undefined;
  readonly stays: readonly PanelStay[];
  readonly query: ReadingsQuery;
  readonly epoch: Uint8Array;
  readonly counts: boolean;
  readonly n: number;
  readonly entry: Uint8Array;
  readonly receivedAtMs: number;
  /** Monotonic time in the answer, when it is of the sample's boot; or the age that was computed from it. */
  readonly nowMonoMs: number | undefined;
  readonly ageMs?: number;
  /** What dates the boot of the epoch, and what lies around it. */
  readonly anchors?: ClockAnchors | undefined;
  readonly bounds?: () => EpochBounds;
}

function readingOf(found: Found): Reading | undefined {
  const { table, stays, query, epoch, n, counts, receivedAtMs, nowMonoMs, anchors, bounds } = found;
  const sample = sampleOf(found.entry);
  if (!sample) return undefined;
  const analyser = analyserOf(table, sample);
  const ageMs = found.ageMs ?? (nowMonoMs === undefined ? undefined : nowMonoMs - sample.at.monoMs);
  const time = dateSample(sample, { receivedAtMs, ageMs, anchors, bounds });
  const point = `${panelAt(stays, time.takenAtMs) ?? query.lcu.panel}/${analyser?.id ?? `#${sample.analyser}`}`;
  if (query.point !== undefined && point !== query.point) return undefined;
  const { lcuId, assurance } = query.lcu;
  return {
    lcuId,
    point,
    ...time,
    status: sample.status,
    values: valuesOf(sample, analyser, query.quantities),
    epoch: toHex(epochOf(epoch)),
    n,
    branch: branchOf(epoch),
    counts,
    assurance: `A${assurance}`,
  };
}
