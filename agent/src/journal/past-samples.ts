import { type AnalyserRow, decodeEntry, ENTRY_KINDS, EntryPeek, type SampleEntry } from '@farola/shared';
import type { EpochState, StoredEntry } from './epoch-state.js';

/** The newest sample that will do of a row of an epoch before the present one. */
export interface PastSample {
  /** Boot id of the kernel then. */
  readonly boot: Uint8Array;
  /** The row of the analyser table that it is of. */
  readonly row: AnalyserRow;
  /** Null: another device was put in its place since. */
  readonly sample: SampleEntry | null;
}

/** Which of them are looked for. */
export interface PastWish {
  /** Whether samples of this row are. */
  readonly wants: (row: AnalyserRow) => boolean;
  /** Whether this one will do; else an older one is looked for. */
  readonly takes: (row: AnalyserRow, sample: SampleEntry) => boolean;
}

/** What is read of a journal. */
export interface PastSource {
  /** The epoch before this one; undefined when there is none. */
  readonly before: (epoch: EpochState) => EpochState | undefined;
  /** An entry; undefined when it is gone. */
  readonly at: (epoch: EpochState, n: number) => StoredEntry | undefined;
  /** Entries of an epoch, the newest first, up to the first that is missing. */
  readonly newestFirst: (epoch: EpochState) => Iterable<StoredEntry>;
}

/** Epochs that are looked into: an agent that its service manager starts again each 15 s has 240 in an hour, the longest period. */
const MOST_EPOCHS = 256;
/** So many periods of the slowest row are looked at, since a reading may fail; */
const PERIODS = 2;
/** and so many entries beside: events, and readings that failed for longer. */
const ENTRIES_BESIDE = 4_096;

const NOTHING: readonly never[] = [];

/**
 * The newest samples of wanted rows before an epoch, the newest first: of each row, which is known again by its name and quantities, one at
 * most. What a device showed before another one took its place is not looked for. An epoch whose begin is gone tells nothing: nobody knows
 * what its values are of.
 */
export function pastSamples(epoch: EpochState, source: PastSource, wish: PastWish): PastSample[] {
  const found = new Map<string, PastSample>();
  const peek = new EntryPeek();
  let looked = 0;
  let most = ENTRIES_BESIDE;
  let past = source.before(epoch);
  for (let epochs = 0; past && epochs < MOST_EPOCHS && looked < most; epochs++, past = source.before(past)) {
    const first = source.at(past, 1);
    const start = first && decodeEntry(first.bytes);
    if (start?.kind !== 'start') continue;
    const rows = start.analysers.filter((row) => !found.has(nameOf(row)) && wish.wants(row));
    const missing = new Map(rows.map((row) => [row.index, row]));
    if (missing.size === 0) break;
    most = Math.max(most, ENTRIES_BESIDE + entriesIn(PERIODS * Math.max(...rows.map(({ periodS }) => periodS)), start.analysers));
    for (const { bytes } of source.newestFirst(past)) {
      if (looked === most || missing.size === 0) break;
      looked++;
      for (const told of toldBy(bytes, peek.at(bytes), missing, wish)) {
        found.set(nameOf(told.row), { boot: start.boot, ...told });
        missing.delete(told.row.index);
      }
    }
  }
  return [...found.values()];
}

/** What an entry tells of rows that are missing, by index: their newest sample, or that their device was exchanged. */
function toldBy(
  bytes: Uint8Array,
  { kind, analyser }: EntryPeek,
  missing: ReadonlyMap<number, AnalyserRow>,
  { takes }: PastWish,
): readonly Pick<PastSample, 'row' | 'sample'>[] {
  const row = missing.get(analyser);
  if (!row && kind !== ENTRY_KINDS.event) return NOTHING;
  const entry = decodeEntry(bytes);
  if (row) return entry.kind === 'sample' && takes(row, entry) ? [{ row, sample: entry }] : NOTHING;
  if (entry.kind !== 'event' || entry.code !== 'meter-exchanged') return NOTHING;
  const [exchanged] = entry.facts;
  return [...missing.values()].filter(({ id }) => id === exchanged).map((of) => ({ row: of, sample: null }));
}

/** Samples that a table gives in so many seconds. */
function entriesIn(seconds: number, rows: readonly AnalyserRow[]): number {
  return rows.reduce((sum, { periodS }) => sum + Math.ceil(seconds / periodS), 0);
}

function nameOf({ id, quantities }: AnalyserRow): string {
  return `${id} ${quantities.join()}`;
}
