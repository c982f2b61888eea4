import { isoTime, sameBytes, toHex } from '@farola/shared';
import { branchOf, epochOf } from '../branch-id.js';
import type { CountsAt } from '../fleet/counts-at.js';
import type { DerivedState, EpochTable, HeldSample } from '../fleet/derived-state.js';
import type { Lcu } from '../fleet/fleet.js';
import type { EntryOwners, LedgerReader, LedgerRow, SharedSpan } from '../ledger/ledger.js';
import { entriesOf } from '../row-entries.js';
import type { EpochBounds } from './bound.js';
import { EpochLine, type LineSource, monoAtAnswer } from './epoch-line.js';
import { byPoint, type GroupReading } from './latest-of-points.js';
import { type Asked, readingOf, type ReadingsQuery, rememberColumns } from './make-reading.js';
import { type Reading, sampleOf } from './reading.js';
import { rememberTables } from './remembered-tables.js';

/** What readings are made from. */
export interface ReadingsSource {
  readonly ledger: Pick<LedgerReader, 'rows' | 'ownedBy' | 'sharedOf'> & LineSource['ledger'];
  readonly derived: Pick<DerivedState, 'latest' | 'table' | 'panelStays'> & LineSource['derived'];
  readonly countsAt: CountsAt;
}

/** What latest readings are made from. */
export interface LatestSource extends Pick<ReadingsSource, 'countsAt'> {
  readonly ledger: Pick<EntryOwners, 'rowOf'>;
  readonly derived: Pick<DerivedState, 'latest' | 'table' | 'panelStays' | 'start'>;
}

/**
 * The latest values of each measuring point of an LCU, in order of the indexes of their analysers: of each scan group the newest live
 * sample that counts. What came while the LCU did not count is not among them, and why is said by `whyOlder`.
 * @param held what is held of this LCU, where that was asked already
 */
export function latestReadings(
  { ledger, derived, countsAt }: LatestSource,
  query: ReadingsQuery,
  held: readonly HeldSample[] = derived.latest(query.lcu.lcuNo),
): Reading[] {
  const { lcuNo } = query.lcu;
  const asked: Asked = { query, stays: derived.panelStays(lcuNo), columns: rememberColumns(query.quantities) };
  const tables = new Map<string, EpochTable | undefined>();
  const readings = held.flatMap((one): GroupReading[] => {
    const { epoch, n, entry, receivedAtMs, ageMs, ageLost } = one;
    const sample = sampleOf(entry);
    if (!sample) return [];
    const name = toHex(epoch);
    if (!tables.has(name)) tables.set(name, derived.table(lcuNo, epoch));
    const table = tables.get(name);
    const counts = countsAt(lcuNo, epoch, () => {
      const row = ledger.rowOf(lcuNo, epoch, n);
      return row && { ...row, n };
    });
    const delivery = { table, epoch: toHex(epochOf(epoch)), branch: branchOf(epoch), counts, receivedAtMs };
    const reading = readingOf(asked, delivery, { n, sample, ageMs, ageLost });
    return reading ? [{ reading, held: one }] : [];
  });
  return byPoint(readings, (epoch) => derived.start(lcuNo, epoch)?.previous?.epoch);
}

/**
 * Why the latest values of an LCU are older than what it delivers, in a sentence; undefined where they are not.
 * @param held its latest samples
 */
export function whyOlder({ lcuId, standing }: Lcu, held: readonly Pick<HeldSample, 'receivedAtMs'>[]): string | undefined {
  const since = standing && isoTime(standing.atMs);
  if (standing?.decision === 'quarantined')
    return `${lcuId} is quarantined since ${since}: what came since does not count, and only --from shows it.`;
  if (standing?.decision !== 'released' || held.some(({ receivedAtMs }) => receivedAtMs > standing.atMs)) return undefined;
  return `${lcuId} was released at ${since}, and its agent was not restarted since: what it measures does not count until then, and only --from shows it.`;
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
  const asked: Asked = { query, stays: derived.panelStays(lcuNo), columns: rememberColumns(query.quantities) };
  const remembered = { ledger, derived: rememberTables(derived), countsAt };
  const line = new EpochLine({ ledger, derived }, lcuNo);
  for (const row of ledger.rows(lcuNo, span.fromMs, span.untilMs)) {
    for (const reading of readingsOfRow(remembered, asked, line, row)) {
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
  asked: Asked,
  line: EpochLine,
  row: LedgerRow,
): Iterable<Reading> {
  const { lcuNo } = asked.query.lcu;
  const { epoch, receivedAtMs, first } = row;
  const owned = ledger.ownedBy(row.key).filter((range) => sameBytes(range.epoch, epoch));
  if (owned.length === 0) return;
  const shared = (): readonly SharedSpan[] => ledger.sharedOf(lcuNo, epoch);
  const table = derived.table(lcuNo, epoch, shared);
  const nowMonoMs = table?.boot && monoAtAnswer(row, table.boot);
  const anchors = table?.boot && derived.anchors(lcuNo, table.boot);
  const bounds = (): EpochBounds => line.bounds(epochOf(epoch));
  const common = { table, epoch: toHex(epochOf(epoch)), branch: branchOf(epoch), counts: true, receivedAtMs, anchors, bounds };
  const items = entriesOf(row);
  for (const { from, to } of owned) {
    for (let n = Math.max(from, first); n <= Math.min(to, first + items.length - 1); n++) {
      const sample = sampleOf(items[n - first] as Uint8Array);
      if (!sample) continue;
      const ageMs = nowMonoMs === undefined ? undefined : nowMonoMs - sample.at.monoMs;
      const counts = countsAt(lcuNo, epoch, () => ({ ...row, n }));
      const reading = readingOf(asked, counts === common.counts ? common : { ...common, counts }, { n, sample, ageMs });
      if (reading) yield reading;
    }
  }
}
