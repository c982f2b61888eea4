import { type AnalyserRow, decodeEntry, ENTRY_KINDS, EntryPeek, type SampleEntry } from '@farola/shared';
import type { EpochState, StoredEntry } from './epoch-state.js';

/** A sample of an epoch before the present one. */
export interface PastSample {
  /** Boot id of the kernel then. */
  readonly boot: Uint8Array;
  /** The row of the analyser table that it is of. */
  readonly row: AnalyserRow;
  readonly sample: SampleEntry;
  /** Whether another device was put in the place of the one that it is of since. */
  readonly isOfOther: boolean;
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

/** Epochs that are looked into: an agent that is restarted again and again has many without a sample. */
const MOST_EPOCHS = 8;
/** Entries that are looked at: eight analysers of seven groups, one of them each second, for more than a minute. */
const MOST_ENTRIES = 4_096;

/**
 * The newest samples of wanted rows before an epoch, the newest first: of each row, which is known again by its name and quantities, one at
 * most. An epoch whose begin is gone tells nothing: nobody knows what its values are of.
 */
export function pastSamples(epoch: EpochState, source: PastSource, wish: PastWish): PastSample[] {
  const found = new Map<string, PastSample>();
  const exchanged = new Set<unknown>();
  const peek = new EntryPeek();
  let left = MOST_ENTRIES;
  let past = source.before(epoch);
  for (let epochs = 0; past && epochs < MOST_EPOCHS && left > 0; epochs++, past = source.before(past)) {
    const first = source.at(past, 1);
    const start = first && decodeEntry(first.bytes);
    if (start?.kind !== 'start') continue;
    const rows = start.analysers.filter((row) => !found.has(nameOf(row)) && wish.wants(row));
    const missing = new Map(rows.map((row) => [row.index, row]));
    if (missing.size === 0) break;
    for (const { bytes } of source.newestFirst(past)) {
      if (left-- === 0 || missing.size === 0) break;
      if (peek.at(bytes).kind === ENTRY_KINDS.event) exchanged.add(exchangedIn(bytes));
      const row = missing.get(peek.analyser);
      const sample = row && decodeEntry(bytes);
      if (!row || sample?.kind !== 'sample' || !wish.takes(row, sample)) continue;
      found.set(nameOf(row), { boot: start.boot, row, sample, isOfOther: exchanged.has(row.id) });
      missing.delete(row.index);
    }
  }
  return [...found.values()];
}

/** The analyser whose device was exchanged; undefined for every other event. */
function exchangedIn(bytes: Uint8Array): unknown {
  const entry = decodeEntry(bytes);
  return entry.kind === 'event' && entry.code === 'meter-exchanged' ? entry.facts[0] : undefined;
}

function nameOf({ id, quantities }: AnalyserRow): string {
  return `${id} ${quantities.join()}`;
}
