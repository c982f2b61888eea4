import { ANSWER, cutItems, cutOut, parseMessage, sameBytes, toHex } from '@farola/shared';
import type { ClockAnchors, DerivedState, EpochTable } from '../fleet/derived-state.js';
import type { CountsAt } from '../fleet/counts-at.js';
import type { Lcu, PanelStay } from '../fleet/fleet.js';
import type { LedgerReader, LedgerRow } from '../ledger/ledger.js';
import { panelAt } from './panel-at.js';
import { rememberTables } from './remembered-tables.js';
import { analyserOf, dateSample, type Reading, sampleOf, valuesOf } from './reading.js';

/** What readings are made from. */
export interface ReadingsSource {
  readonly ledger: Pick<LedgerReader, 'rows' | 'ownedBy'>;
  readonly derived: Pick<DerivedState, 'latest' | 'table' | 'panelStays' | 'anchors'>;
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
export function latestReadings(
  { derived, countsAt }: Omit<ReadingsSource, 'ledger'>,
  query: ReadingsQuery,
  nowMs: number,
): Reading[] {
  const { lcuNo } = query.lcu;
  const stays = derived.panelStays(lcuNo);
  const tables = new Map<string, EpochTable | undefined>();
  const readings = derived.latest(lcuNo).map(({ epoch, n, entry, receivedAtMs, ageMs }) => {
    const name = toHex(epoch);
    if (!tables.has(name)) tables.set(name, derived.table(lcuNo, epoch));
    const table = tables.get(name);
    const counts = countsAt(lcuNo, epoch, nowMs);
    const common = { table, stays, query, epoch, counts, receivedAtMs, nowMonoMs: undefined, anchors: undefined };
    return readingOf({ ...common, n, entry, ageMs });
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
  const stays = derived.panelStays(query.lcu.lcuNo);
  const remembered = { ledger, derived: rememberTables(derived), countsAt };
  for (const row of ledger.rows(query.lcu.lcuNo, span.fromMs, span.untilMs)) {
    for (const reading of readingsOfRow(remembered, query, stays, row)) {
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
  row: LedgerRow,
): Iterable<Reading> {
  const { epoch, receivedAtMs, first } = row;
  const owned = ledger.ownedBy(row.key).filter((range) => sameBytes(range.epoch, epoch));
  if (owned.length === 0) return;
  const answer = parseMessage(ANSWER, cutOut(row.answer).payload);
  const table = derived.table(query.lcu.lcuNo, epoch);
  const nowMonoMs = answer.ok && table?.boot && sameBytes(table.boot, answer.value.boot) ? answer.value.now[0] : undefined;
  const anchors = table?.boot && derived.anchors(query.lcu.lcuNo, table.boot);
  const counts = countsAt(query.lcu.lcuNo, epoch, receivedAtMs);
  const common = { table, stays, query, epoch, counts, receivedAtMs, nowMonoMs, anchors };
  const { items } = cutItems(row.entries);
  for (const { from, to } of owned) {
    for (let n = Math.max(from, first); n <= Math.min(to, first + items.length - 1); n++) {
      const entry = items[n - first] as Uint8Array;
      const reading = readingOf({ ...common, n, entry, ageMs: undefined });
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
  readonly ageMs: number | undefined;
  /** What dates the boot of the epoch. */
  readonly anchors: ClockAnchors | undefined;
}

function readingOf(found: Found): Reading | undefined {
  const { table, stays, query, epoch, n, counts, receivedAtMs, nowMonoMs } = found;
  const sample = sampleOf(found.entry);
  if (!sample) return undefined;
  const analyser = analyserOf(table, sample);
  const ageMs = found.ageMs ?? (nowMonoMs === undefined ? undefined : nowMonoMs - sample.at.monoMs);
  const time = dateSample(sample, receivedAtMs, ageMs, found.anchors);
  const point = `${panelAt(stays, time.takenAtMs) ?? query.lcu.panel}/${analyser?.id ?? `#${sample.analyser}`}`;
  if (query.point !== undefined && point !== query.point) return undefined;
  const { lcuId, assurance } = query.lcu;
  return {
    lcuId,
    point,
    ...time,
    status: sample.status,
    values: valuesOf(sample, analyser, query.quantities),
    epoch: toHex(epoch),
    n,
    counts,
    assurance: `A${assurance}`,
  };
}
