import { ANSWER, cutItems, cutOut, parseMessage, sameBytes, toHex } from '@farola/shared';
import type { DerivedState, EpochTable, Lcu } from '../fleet/fleet.js';
import type { LedgerReader, LedgerRow } from '../ledger/ledger.js';
import { analyserOf, dateSample, type Reading, sampleOf, valuesOf } from './reading.js';

/** What readings are made from. */
export interface ReadingsSource {
  readonly ledger: Pick<LedgerReader, 'rows' | 'ownedBy'>;
  readonly derived: Pick<DerivedState, 'latest' | 'table'>;
}

/** Which samples are asked. */
export interface ReadingsQuery {
  readonly lcu: Lcu;
  /** Only this analyser. */
  readonly analyserId?: string | undefined;
  /** Only these quantities. */
  readonly quantities?: ReadonlySet<string> | undefined;
}

/** The newest live sample of each analyser of an LCU, in order of their indexes. */
export function latestReadings({ derived }: ReadingsSource, query: ReadingsQuery): Reading[] {
  const { lcu } = query;
  const readings = derived
    .latest(lcu.lcuNo)
    .map(({ epoch, n, entry, receivedAtMs, ageMs }) =>
      readingOf({ table: derived.table(lcu.lcuNo, epoch), query, epoch, n, entry, receivedAtMs, ageMs }),
    );
  return readings.filter((reading) => reading !== undefined);
}

/**
 * The samples of an LCU that were taken in a span, both ends included, in the order of their receipt. Only what was
 * received from `fromMs` to `untilMs` is looked at, and each sample comes once, from the row that owns it.
 */
export function* readingsBetween(
  { ledger, derived }: ReadingsSource,
  query: ReadingsQuery,
  span: { readonly fromMs: number; readonly toMs: number; readonly untilMs: number },
): Iterable<Reading> {
  for (const row of ledger.rows(query.lcu.lcuNo, span.fromMs, span.untilMs)) {
    for (const reading of readingsOfRow(ledger, derived, query, row)) {
      if (reading.takenAtMs >= span.fromMs && reading.takenAtMs <= span.toMs) yield reading;
    }
  }
}

function* readingsOfRow(
  ledger: ReadingsSource['ledger'],
  derived: ReadingsSource['derived'],
  query: ReadingsQuery,
  row: LedgerRow,
): Iterable<Reading> {
  const owned = ledger.ownedBy(row.key).filter(({ epoch }) => sameBytes(epoch, row.epoch));
  if (owned.length === 0) return;
  const answer = parseMessage(ANSWER, cutOut(row.answer).payload);
  const table = derived.table(query.lcu.lcuNo, row.epoch);
  const nowMonoMs = answer.ok && table?.boot && sameBytes(table.boot, answer.value.boot) ? answer.value.now[0] : undefined;
  const { items } = cutItems(row.entries);
  for (const { from, to } of owned) {
    for (let n = Math.max(from, row.first); n <= Math.min(to, row.first + items.length - 1); n++) {
      const entry = items[n - row.first] as Uint8Array;
      const { epoch, receivedAtMs } = row;
      const reading = readingOf({ table, query, epoch, n, entry, receivedAtMs, nowMonoMs });
      if (reading) yield reading;
    }
  }
}

interface Found {
  /** The analysers of the epoch; undefined while its start entry is not here. */
  readonly table: EpochTable | undefined;
  readonly query: ReadingsQuery;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  readonly receivedAtMs: number;
  readonly ageMs?: number;
  readonly nowMonoMs?: number | undefined;
}

function readingOf({ table, query, epoch, n, entry, receivedAtMs, ageMs, nowMonoMs }: Found): Reading | undefined {
  const sample = sampleOf(entry);
  if (!sample) return undefined;
  const { lcu, analyserId, quantities } = query;
  const analyser = analyserOf(table, sample);
  if (analyserId !== undefined && analyser?.id !== analyserId) return undefined;
  const age = ageMs ?? (nowMonoMs === undefined ? undefined : nowMonoMs - sample.at.monoMs);
  return {
    lcuId: lcu.lcuId,
    point: `${lcu.panel}/${analyser?.id ?? `#${sample.analyser}`}`,
    ...dateSample(sample, receivedAtMs, age),
    status: sample.status,
    values: valuesOf(sample, analyser, quantities),
    epoch: toHex(epoch),
    n,
  };
}
