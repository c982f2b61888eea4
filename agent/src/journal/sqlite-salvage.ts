import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { decodeEntry, type PreviousEpoch, sameBytes } from '@farola/shared';
import type { LookAtDisk } from './disk-room.js';
import type { DamagedSpan, StoredEntry } from './epoch-state.js';
import { follows } from './examine-damage.js';
import { sqliteCodeOf } from './sqlite-failure.js';
import { adoptJournal } from './sqlite-schema.js';

/** What a salvage works with. */
export interface SalvageOptions {
  readonly lcuId: string;
  /** The newest entry of the newest epoch, where the program that ran on the journal knows it. */
  readonly end: PreviousEpoch | undefined;
  readonly lookAtDisk: LookAtDisk;
}

/** Room that is left on the disk beside the copy, bytes. */
const MARGIN_BYTES = 4_000_000;
/** Entries that are looked for beyond the last that can be read, where nothing tells how many there were. */
const PROBES = 4_096;
const OWNER_ONLY = 0o600;

interface EpochRow {
  readonly id: number;
  readonly epoch: Uint8Array;
  readonly floor: number;
  readonly floor_head: Uint8Array;
}

interface Source {
  readonly epochs: readonly EpochRow[];
  readonly spansOf: (id: number) => DamagedSpan[];
  readonly lastOf: (id: number) => number | undefined;
  readonly from: BetterSqlite3.Statement<[number, number, number], StoredEntry>;
  readonly at: BetterSqlite3.Statement<[number, number], StoredEntry>;
}

/**
 * Copies what can be read of a journal with damaged pages into a new one, entry by entry. What cannot is missing there,
 * and found as damage when it is asked for. Gives the number of entries; undefined when too little can be read or there
 * is no room for a copy, and then no copy is left. The damaged file is not changed. It takes a while: the whole journal
 * is read, and the loop waits.
 */
export function salvage(Database: typeof BetterSqlite3, path: string, copy: string, options: SalvageOptions): number | undefined {
  let source: BetterSqlite3.Database | undefined;
  let target: BetterSqlite3.Database | undefined;
  try {
    removeCopy(copy);
    if ((options.lookAtDisk()?.free ?? Infinity) < statSync(path).size + MARGIN_BYTES) return undefined;
    source = new Database(path, { readonly: true });
    if (source.prepare('SELECT lcu_id FROM journal').pluck().get() !== options.lcuId) return undefined;
    closeSync(openSync(copy, 'wx', OWNER_ONLY));
    target = new Database(copy);
    target.pragma('synchronous = FULL');
    adoptJournal(target, copy, options.lcuId);
    return copyAll(source, target, options.end);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    target?.close();
    removeCopy(copy);
    return undefined;
  } finally {
    source?.close();
    target?.close();
  }
}

function removeCopy(copy: string): void {
  for (const companion of ['', '-wal', '-shm', '-journal']) rmSync(copy + companion, { force: true });
}

function copyAll(db: BetterSqlite3.Database, target: BetterSqlite3.Database, end: PreviousEpoch | undefined): number {
  const source = sourceOf(db);
  const columns = 'id, epoch, floor, floor_head, acked, gap_from, gap_prev, disagreed, owed';
  const values = columns.replaceAll(/\w+/g, '@$&');
  const addEpoch = target.prepare<[EpochRow & { readonly owed: number }]>(`INSERT INTO epoch (${columns}) VALUES (${values})`);
  const writer = writerOf(target);
  return target
    .transaction(() => {
      let count = 0;
      for (const [index, epoch] of source.epochs.entries()) {
        addEpoch.run({ owed: 0, ...epoch });
        const ends = [end, namedBy(source, source.epochs[index + 1])];
        const known = ends.find((one) => one && sameBytes(one.epoch, epoch.epoch)) ?? undefined;
        count += copyEpoch(source, writer, epoch, known?.n ?? source.lastOf(epoch.id), known);
      }
      target.exec('UPDATE epoch SET owed = max(0, coalesce((SELECT max(n) FROM entry WHERE epoch_id = id), floor) - acked)');
      return count;
    })
    .immediate();
}

function sourceOf(db: BetterSqlite3.Database): Source {
  const columns = 'SELECT n, bytes, head FROM entry WHERE epoch_id = ?';
  const spans = db.prepare<[number], DamagedSpan>(
    'SELECT from_n AS "from", to_n AS "to", prev, head FROM damage WHERE epoch_id = ? ORDER BY from_n',
  );
  const last = db.prepare<[number], number | null>('SELECT max(n) FROM entry WHERE epoch_id = ?').pluck();
  return {
    epochs: db.prepare<[], EpochRow>('SELECT * FROM epoch NOT INDEXED ORDER BY id').all(),
    spansOf: (id) => readable(() => spans.all(id)) ?? [],
    lastOf: (id) => readable(() => last.get(id)) ?? undefined,
    from: db.prepare(`${columns} AND n > ? AND n <= ? ORDER BY n`),
    at: db.prepare(`${columns} AND n = ?`),
  };
}

interface Writer {
  readonly entry: (id: number, { n, bytes, head }: StoredEntry) => void;
  readonly span: (id: number, { from, to, prev, head }: DamagedSpan) => void;
}

function writerOf(target: BetterSqlite3.Database): Writer {
  const entry = target.prepare<[number, number, Uint8Array, Uint8Array]>('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)');
  const span = target.prepare<[number, number, number, Uint8Array, Uint8Array]>('INSERT INTO damage VALUES (?, ?, ?, ?, ?)');
  return {
    entry: (id, { n, bytes, head }) => void entry.run(id, n, bytes, head),
    span: (id, { from, to, prev, head }) => void span.run(id, from, to, prev, head),
  };
}

/** Copies one epoch and gives the number of its entries. Where its end is known and lost, an empty entry stands for it. */
function copyEpoch(source: Source, writer: Writer, epoch: EpochRow, last: number | undefined, end?: PreviousEpoch): number {
  const spans = source.spansOf(epoch.id);
  let proven = { n: epoch.floor, head: epoch.floor_head };
  let before = proven;
  let count = 0;
  for (const entry of readableEntries(source, epoch, last)) {
    writer.entry(epoch.id, entry);
    count++;
    const heads = [before.n === entry.n - 1 ? before.head : undefined, spans.find(({ to }) => to === entry.n - 1)?.head];
    if (heads.some((head) => follows(head, entry))) proven = entry;
    before = entry;
  }
  const endIsLost = end !== undefined && proven.n < end.n;
  for (const span of spans) if (!endIsLost || span.to <= proven.n) writer.span(epoch.id, span);
  if (endIsLost) {
    writer.entry(epoch.id, { n: end.n, bytes: new Uint8Array(0), head: end.head });
    writer.span(epoch.id, { from: proven.n + 1, to: end.n, prev: proven.head, head: end.head });
  }
  return count;
}

/** Entries that can be read, ascending: on after each page that cannot. */
function* readableEntries({ from, at }: Source, { id, floor }: EpochRow, last: number | undefined): Generator<StoredEntry> {
  let after = floor;
  for (;;) {
    try {
      for (const entry of from.iterate(id, after, last ?? Number.MAX_SAFE_INTEGER)) {
        if (isEntry(entry)) yield entry;
        after = entry.n;
      }
      return;
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    const end = last ?? after + PROBES;
    let next = after + 1;
    while (next <= end && readable(() => at.get(id, next)) === undefined) next++;
    if (next > end) return;
    after = next - 1;
  }
}

/** The last entry of an epoch as the start of the next one names it; nothing where that cannot be proven. */
function namedBy({ at }: Source, next: EpochRow | undefined): PreviousEpoch | null | undefined {
  const row = next?.floor === 0 ? readable(() => at.get(next.id, 1)) : undefined;
  if (!next || !row || !isEntry(row) || !follows(next.floor_head, row)) return undefined;
  const start = decodeEntry(row.bytes);
  return start.kind === 'start' ? start.previous : undefined;
}

function isEntry({ n, bytes, head }: StoredEntry): boolean {
  return Number.isSafeInteger(n) && bytes instanceof Uint8Array && head instanceof Uint8Array;
}

/** What `read` gives; undefined when it meets damage. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(sqliteCodeOf(error) ?? '');
}
