import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latestReadings, type ReadingsSource, readingsBetween } from '@farola/collector/api/query-readings.js';
import { ageOf } from '@farola/collector/api/reading.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import type { DerivedState } from '@farola/collector/fleet/derived-state.js';
import { deriveAnew } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState, type SqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { ledgerKey, ORDINAL_LIMIT, slotOf } from '@farola/collector/ledger/ledger-key.js';
import type { LedgerReader, NewAnswer } from '@farola/collector/ledger/ledger.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import Database from 'better-sqlite3';
import { LedgerRows, SAMPLES_OF_ANSWER } from './ledger-rows.js';
import { median } from './measure.js';

/** What was measured. */
export interface LedgerFigures {
  readonly samples: number;
  /** Answers stored each second by the ledger, and by a bare prepared insert of the same bytes in the same run. */
  readonly rowsPerS: number;
  readonly floorRowsPerS: number;
  /** The one by the other, and the same by CPU time, which a busy machine changes less. */
  readonly ratio: number;
  readonly cpuRatio: number;
  /** Bytes of the file for each sample, and of them those of signed poll, signed answer and base. */
  readonly bytesPerSample: number;
  readonly proofBytesPerSample: number;
  /** The latest values of 1000 LCUs as a reader gets them, every one decoded, in its unit and with its age, ms. */
  readonly latestMs: number;
  /** Of that, looking up the samples that hold them, as they were signed, ms. */
  readonly latestLookupMs: number;
  /** A day and a month (or all, when there is less) of one LCU, with every value written out, ms. */
  readonly dayMs: number;
  readonly monthMs: number;
}

/** LCUs whose answers fill the ledger: with 8.6 million samples each has a month. */
const LCUS = 100;
/** LCUs whose latest values are read. */
const LATEST_LCUS = 1000;
const DAY_MS = 86_400_000;
/** Times that each reading is measured. */
const READS = 15;
const SETTINGS = ['page_size = 8192', 'journal_mode = WAL', 'wal_autocheckpoint = 2000', 'synchronous = FULL'];

/** What storing took, of the whole time and of the CPU, seconds. */
interface Spent {
  seconds: number;
  cpuSeconds: number;
}

interface Filled {
  readonly rows: number;
  readonly real: Spent;
  readonly floor: Spent;
  readonly proofBytes: number;
  readonly endMs: number;
}

/** Fills a ledger with so many samples, beside a bare insert of the same bytes, and reads from it. */
export async function benchLedger(samples: number): Promise<LedgerFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-bench-'));
  try {
    const rows = await LedgerRows.of(LCUS);
    const filled = await fill(folder, rows, Math.max(1, Math.round(samples / LCUS / SAMPLES_OF_ANSWER)));
    const stored = filled.rows * SAMPLES_OF_ANSWER;
    const { size } = await stat(join(folder, 'ledger', '2026-03.db'));
    return {
      samples: stored,
      rowsPerS: Math.round(filled.rows / filled.real.seconds),
      floorRowsPerS: Math.round(filled.rows / filled.floor.seconds),
      ratio: rounded(filled.floor.seconds / filled.real.seconds, 2),
      cpuRatio: rounded(filled.floor.cpuSeconds / filled.real.cpuSeconds, 2),
      bytesPerSample: rounded(size / stored, 1),
      proofBytesPerSample: rounded(filled.proofBytes / stored, 1),
      ...(await read(folder, filled.endMs)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each round goes to the ledger and to the floor, by turns which comes first. */
async function fill(folder: string, rows: LedgerRows, rounds: number): Promise<Filled> {
  const ledger = await openSqliteLedger({ folder: join(folder, 'ledger') });
  const bareTable = bareInsert(join(folder, 'floor.db'));
  const [real, floor]: [Spent, Spent] = [
    { seconds: 0, cpuSeconds: 0 },
    { seconds: 0, cpuSeconds: 0 },
  ];
  let [proofBytes, count] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const answers = rows.round();
    const keep = (): void => {
      ledger.append(answers);
      ledger.settle();
    };
    const works = [() => spend(real, keep), () => spend(floor, () => bareTable.insert(answers))];
    for (const work of round % 2 === 0 ? works : works.reverse()) work();
    for (const { poll, answer, base } of answers) proofBytes += poll.length + answer.length + base.length;
    count += answers.length;
  }
  ledger.close();
  bareTable.close();
  return { rows: count, real, floor, proofBytes, endMs: rows.nowMs };
}

function bareInsert(path: string): { insert: (answers: readonly NewAnswer[]) => void; close: () => void } {
  const db = new Database(path);
  for (const setting of SETTINGS) db.pragma(setting);
  db.exec('CREATE TABLE answers (key INTEGER PRIMARY KEY, base BLOB, poll BLOB, answer BLOB, entries BLOB) STRICT');
  const one = db.prepare<[number, Uint8Array, Uint8Array, Uint8Array, Uint8Array]>('INSERT INTO answers VALUES (?, ?, ?, ?, ?)');
  const insert = db.transaction((answers: readonly NewAnswer[]) => {
    for (const { lcuNo, receivedAtMs, base, poll, answer, entries } of answers) {
      one.run(ledgerKey({ slot: slotOf(receivedAtMs), lcuNo, ordinal: 0 }), base, poll, answer, entries);
    }
  });
  return { insert: (answers) => insert.immediate(answers), close: () => db.close() };
}

async function read(
  folder: string,
  endMs: number,
): Promise<Pick<LedgerFigures, 'latestMs' | 'latestLookupMs' | 'dayMs' | 'monthMs'>> {
  const ledger = await openSqliteLedgerReader(join(folder, 'ledger'));
  const { first } = ledger.keySpan();
  const panels = await derivedFrom(join(folder, 'panels.db'), ledger, first + LCUS * ORDINAL_LIMIT);
  const source = sourceOf(ledger, panels.derived);
  const span = (days: number) => (): number => readSpan(source, endMs, days);
  const [dayMs, monthMs] = [medianMs(span(1)), medianMs(span(30))];
  ledger.close();
  panels.close();
  return { ...(await readLatest(folder)), dayMs, monthMs };
}

/** A fleet of a thousand, of each the first answer. */
async function readLatest(folder: string): Promise<Pick<LedgerFigures, 'latestMs' | 'latestLookupMs'>> {
  const ledger = await openSqliteLedger({ folder: join(folder, 'fleet') });
  const rows = await LedgerRows.of(LATEST_LCUS);
  ledger.append(rows.round());
  const state = await derivedFrom(join(folder, 'fleet.db'), ledger, Number.MAX_SAFE_INTEGER);
  const { derived } = state;
  const lcus = Array.from({ length: LATEST_LCUS }, (_, lcuNo) => lcuOf(lcuNo));
  const nowMs = rows.nowMs;
  const lookUp = (): number => [...derived.latestOfAll().values()].reduce((sum, { length }) => sum + length, 0);
  const read = (): number => {
    const source = sourceOf(ledger, derived);
    const held = derived.latestOfAll();
    let samples = 0;
    for (const lcu of lcus) {
      for (const { values } of latestReadings(source, { lcu }, held.get(lcu.lcuNo) ?? [])) {
        const isWhole = values.length > 0 && values.every((one) => one.value !== null && ageOf(one, nowMs) !== undefined);
        samples += isWhole ? 1 : 0;
      }
    }
    return samples;
  };
  const [latestMs, latestLookupMs] = [medianMs(read, 2 * LATEST_LCUS), medianMs(lookUp, 2 * LATEST_LCUS)];
  state.close();
  ledger.close();
  return { latestMs, latestLookupMs };
}

function sourceOf(ledger: LedgerReader, derived: DerivedState): ReadingsSource {
  return { ledger, derived, countsAt: countsAt(ledger, derived) };
}

async function derivedFrom(path: string, ledger: LedgerReader, upToKey: number): Promise<SqliteState> {
  const state = await openSqliteState({ path });
  for (const step of deriveAnew({ ledger, derived: state.derived, upToKey })) if (step.rows === 0) break;
  return state;
}

function readSpan(source: ReadingsSource, endMs: number, days: number): number {
  let count = 0;
  const asked = { fromMs: endMs - days * DAY_MS, toMs: endMs, untilMs: endMs };
  for (const { values } of readingsBetween(source, { lcu: lcuOf(7) }, asked)) count += values.length > 0 ? 1 : 0;
  return count;
}

function lcuOf(lcuNo: number): Lcu {
  const nothing = { key: undefined, standing: null, addedAtMs: 0, assurance: 0 };
  return { lcuNo, lcuId: `bench-${lcuNo}`, state: 'active', panel: `panel-${lcuNo}`, ...nothing };
}

function spend(spent: Spent, work: () => unknown): void {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  work();
  const { user, system } = process.cpuUsage(cpu);
  spent.seconds += (performance.now() - began) / 1000;
  spent.cpuSeconds += (user + system) / 1e6;
}

/** The middle of several runs, ms. @param expected what each must count; any number above 0 unless said */
function medianMs(work: () => number, expected?: number): number {
  const times = Array.from({ length: READS }, () => {
    const began = performance.now();
    const count = work();
    if (count === 0 || (expected !== undefined && count !== expected)) throw new RangeError(`${count} readings`);
    return performance.now() - began;
  });
  return rounded(median(times), 2);
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
