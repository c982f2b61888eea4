import { ANSWER, cutItems, cutSigned, FarolaError, MalformedCbor, parseMessage } from '@farola/shared';
import { decisionsOf } from '../fleet/decide.js';
import { type AnswerChange, deriveFromAnswer } from '../fleet/derive-change.js';
import { epochStart, epochTable } from '../fleet/epoch-table.js';
import type { StayReader } from '../fleet/derived-state.js';
import type { FleetReader } from '../fleet/fleet.js';
import { ledgerKey, ledgerKeyParts, slotOf } from '../ledger/ledger-key.js';
import type { EntryOwners, JudgementReader, LedgerKeys, LedgerRow, LedgerRows, OwnedRange } from '../ledger/ledger.js';
import type { AggregateStore, LcuFrame, PointQuarter } from './aggregate-store.js';
import { changedFromMs } from './lcu-frame.js';
import { type PlacedRow, placeSamples, type RowContext } from './place-samples.js';
import { summariseQuarter } from './summarise-quarter.js';

/** What following the ledger needs. */
export interface FollowDeps {
  readonly ledger: Pick<LedgerRows, 'row'> &
    Pick<LedgerKeys, 'keysFrom'> &
    Pick<EntryOwners, 'rowOf' | 'ownedBy'> &
    JudgementReader;
  readonly fleet: Pick<FleetReader, 'list' | 'version'>;
  readonly derived: Pick<StayReader, 'panelStays'>;
  readonly store: AggregateStore;
  readonly now: () => number;
  /** Told of a row that cannot be read; it is passed over. */
  readonly onDamage?: (error: FarolaError) => void;
}

/** What is known of an epoch, without its rows. */
type EpochContext = Omit<RowContext, 'startRow'>;

/** Rows that one transaction takes in. */
const ROWS_AT_ONCE = 256;
/** Quarters that one transaction makes. */
const QUARTERS_AT_ONCE = 256;
/** Quarters that may wait to be made while rows are taken in: what many rows touch is made once. */
const DIRTY_ENOUGH = 20_000;
/** Rows that a quarter is made from at the most; an honest LCU has three, some thirty while it makes up for an outage. */
const SOURCES_OF_QUARTER = 256;
/** Rows that are kept read while quarters are made. */
const KEPT_ROWS = 64;
/** The LCU's clock may be ahead of the receipt by this, ms. */
const AHEAD_MS = 600_000;

const EVERYTHING_COUNTS = { counts: true, fromEpochAfterMs: null } as const;

/** One walk over the ledger. */
interface Pass {
  readonly keys: Iterator<number>;
  readonly atMs: number;
}

/**
 * Follows the ledger into the quarters. A row is taken in once, with what it makes dirty, in one transaction; a quarter
 * that is dirty is made again from all its rows. So neither the order of receipt nor the end of the process anywhere
 * matters, and what is followed is what would be made anew.
 */
export class LedgerFollower {
  readonly #deps: FollowDeps;
  #pass: Pass | undefined;
  /** Whether a pass came to its end, and what it made dirty may still have to be made. */
  #ended = false;
  #fleetVersion: number | undefined;
  #dirtyLeft = true;
  /** What is kept as long as nothing is learnt. */
  readonly #read = new Map<number, PlacedRow>();
  readonly #contexts = new Map<number, EpochContext>();

  constructor(deps: FollowDeps) {
    this.#deps = deps;
  }

  /** Does one transaction's worth. False when a pass has come to its end and everything is made. Throws what the ports throw. */
  step(): boolean {
    if (this.#dirtyLeft && (this.#pass === undefined || this.#manyDirty())) this.#makeQuarters();
    else if (this.#ended) this.#ended = false;
    else this.#goOn((this.#pass ??= this.#begin()));
    return this.#dirtyLeft || !this.#ended;
  }

  /** Gives up the pass that is under way, after an error: the next step begins anew. */
  restart(): void {
    this.#pass = undefined;
    this.#ended = false;
    this.#fleetVersion = undefined;
    this.#dirtyLeft = true;
    this.#forget();
  }

  #goOn({ keys, atMs }: Pass): void {
    const { store } = this.#deps;
    const fresh = this.#nextKeys(keys);
    if (fresh.length > 0) {
      store.change(() => this.#takeIn(fresh));
      this.#dirtyLeft = true;
    } else {
      store.change(() => store.setLookedAt(atMs));
      this.#pass = undefined;
      this.#ended = true;
    }
  }

  #manyDirty(): boolean {
    return this.#deps.store.dirtyCount(DIRTY_ENOUGH) === DIRTY_ENOUGH;
  }

  /**
   * Keys are by receipt, not by commit: a pass looks again at the slot before the begin of the last one, or before now
   * where the wall clock went back since.
   */
  #begin(): Pass {
    const { store, ledger, fleet, now } = this.#deps;
    const atMs = now();
    const version = fleet.version();
    if (version !== this.#fleetVersion) {
      store.change(() => {
        for (const { lcuNo } of fleet.list()) this.#lookAtFrame(lcuNo);
      });
      this.#fleetVersion = version;
      this.#dirtyLeft = true;
    }
    const since = store.lookedAtMs();
    const slot = since === null ? 0 : Math.max(0, slotOf(Math.min(since, atMs)) - 1);
    return { keys: ledger.keysFrom(firstKeyOf(slot))[Symbol.iterator](), atMs };
  }

  #nextKeys(keys: Iterator<number>): number[] {
    const fresh: number[] = [];
    while (fresh.length < ROWS_AT_ONCE) {
      const next = keys.next();
      if (next.done) break;
      if (!this.#deps.store.isTaken(next.value)) fresh.push(next.value);
    }
    return fresh;
  }

  #takeIn(keys: readonly number[]): void {
    const { store } = this.#deps;
    this.#forget();
    for (const lcuNo of new Set(keys.map((key) => ledgerKeyParts(key).lcuNo))) this.#lookAtFrame(lcuNo);
    const learnt = new Set<number>();
    for (const key of keys) {
      const row = this.#rowAt(key);
      if (!row) continue;
      const epochNo = store.epochNo(row.lcuNo, row.epoch);
      store.addRow(key, epochNo);
      for (const of of this.#learn(row, epochNo)) learnt.add(of);
      if (!learnt.has(epochNo)) this.#place(key);
    }
    this.#placeAnew(learnt);
  }

  /** Places every row of these epochs again: what is known of them has changed. That may teach more, of other epochs too. */
  #placeAnew(epochs: Set<number>): void {
    const { store } = this.#deps;
    this.#forget();
    const rows = new Set<number>();
    for (const epochNo of epochs) {
      for (const key of store.rowsOfEpoch(epochNo)) {
        const row = this.#rowAt(key);
        if (row) for (const of of this.#learn(row, epochNo)) epochs.add(of);
        rows.add(key);
      }
    }
    for (const key of rows) this.#place(key);
  }

  /** Takes start, table and clock entries in. Gives the epochs whose rows have to be placed again. */
  #learn(row: LedgerRow, epochNo: number): Set<number> {
    const { store } = this.#deps;
    const { tables, anchors } = this.#spared(() => this.#changeOf(row, epochNo)) ?? NO_CHANGE;
    const learnt = new Set<number>();
    for (const fact of tables) {
      const boot = epochStart(fact)?.boot ?? null;
      if (store.addFact(epochNo, fact, boot)) learnt.add(epochNo);
    }
    for (const anchor of anchors) {
      if (!store.addAnchor(row.key, anchor)) continue;
      for (const of of store.epochsOfBoot(row.lcuNo, anchor.boot)) learnt.add(of);
    }
    if (learnt.size > 0) this.#forget();
    return learnt;
  }

  #changeOf(row: LedgerRow, epochNo: number): Pick<AnswerChange, 'tables' | 'anchors'> {
    const { lcuNo, receivedAtMs, epoch, first } = row;
    const cut = cutSigned(row.answer);
    const answer = cut.ok ? parseMessage(ANSWER, cut.value.payload) : cut;
    if (!answer.ok) return NO_CHANGE;
    const { items } = cutItems(row.entries);
    const start = this.#contextOf(lcuNo, epochNo).start;
    const adds = this.#deps.ledger.ownedBy(row.key);
    return deriveFromAnswer({
      lcuNo,
      receivedAtMs,
      epoch,
      first,
      entries: items,
      adds,
      start,
      answer: answer.value,
      standing: EVERYTHING_COUNTS,
    });
  }

  #place(key: number): void {
    const { store } = this.#deps;
    const { placed, undated, unplaced, barred } = this.#placed(key);
    const places = new Map(placed.map(({ point, quarter }) => [`${quarter} ${point}`, { point, quarter }]));
    store.placeRow(key, ledgerKeyParts(key).lcuNo, [...places.values()], { undated, unplaced, barred });
  }

  #placed(key: number): PlacedRow {
    const known = this.#read.get(key);
    if (known) return known;
    const row = this.#rowAt(key);
    const placed = row ? this.#placeRow(row) : NOTHING;
    this.#read.set(key, placed);
    const [oldest] = this.#read.keys();
    if (this.#read.size > KEPT_ROWS && oldest !== undefined) this.#read.delete(oldest);
    return placed;
  }

  #placeRow(row: LedgerRow): PlacedRow {
    const { store, ledger } = this.#deps;
    const owned: readonly OwnedRange[] = ledger.ownedBy(row.key);
    return (
      this.#spared(() => {
        const context = this.#contextOf(row.lcuNo, store.epochNo(row.lcuNo, row.epoch));
        return placeSamples(row, owned, { ...context, startRow: () => ledger.rowOf(row.lcuNo, row.epoch, 1) });
      }) ?? NOTHING
    );
  }

  #forget(): void {
    this.#read.clear();
    this.#contexts.clear();
  }

  #contextOf(lcuNo: number, epochNo: number): EpochContext {
    const known = this.#contexts.get(epochNo);
    if (known) return known;
    const context = this.#readContext(lcuNo, epochNo);
    this.#contexts.set(epochNo, context);
    return context;
  }

  #readContext(lcuNo: number, epochNo: number): EpochContext {
    const { store } = this.#deps;
    const facts = store.facts(epochNo);
    const table = epochTable(facts);
    const [first] = facts;
    const start = first?.n === 1 ? epochStart(first) : undefined;
    const anchors = table?.boot ? store.anchors(lcuNo, table.boot) : { contact: undefined, clock: undefined };
    return { ...(store.frame(lcuNo) ?? NO_FRAME), table, start, anchors };
  }

  /** What the fleet knows of an LCU now. Where that differs, the rows are placed again that it concerns. */
  #lookAtFrame(lcuNo: number): void {
    const { store, ledger, derived } = this.#deps;
    const frame: LcuFrame = {
      stays: derived.panelStays(lcuNo).map(({ panel, fromMs, toMs }) => ({ panel, fromMs, toMs })),
      decisions: (this.#spared(() => decisionsOf(ledger, lcuNo)) ?? []).map(({ reason: _, by: __, ...decided }) => decided),
    };
    const fromMs = changedFromMs(store.frame(lcuNo), frame);
    if (fromMs === undefined) return;
    store.setFrame(lcuNo, frame);
    this.#forget();
    const slot = Math.max(0, slotOf(Math.max(0, fromMs - AHEAD_MS)) - 1);
    for (const key of store.rowsSince(lcuNo, firstKeyOf(slot))) this.#place(key);
  }

  #makeQuarters(): void {
    const { store } = this.#deps;
    const dirty = store.dirty(QUARTERS_AT_ONCE);
    if (dirty.length > 0) {
      store.change(() => {
        for (const quarter of dirty) this.#make(quarter);
      });
    }
    this.#dirtyLeft = dirty.length === QUARTERS_AT_ONCE;
  }

  #make(of: PointQuarter): void {
    const { store } = this.#deps;
    const samples = store
      .sources(of, SOURCES_OF_QUARTER)
      .flatMap((key) => this.#placed(key).placed)
      .filter(({ point, quarter }) => point === of.point && quarter === of.quarter);
    store.setQuarter(of, samples.length > 0 ? summariseQuarter(samples.map(({ sample }) => sample)) : undefined);
  }

  #rowAt(key: number): LedgerRow | undefined {
    return this.#spared(() => this.#deps.ledger.row(key));
  }

  /** Damage in the ledger concerns the rows that lie there; the others are followed. */
  #spared<Value>(work: () => Value): Value | undefined {
    try {
      return work();
    } catch (error) {
      const damage = asDamage(error);
      if (!damage) throw error;
      this.#deps.onDamage?.(damage);
      return undefined;
    }
  }
}

/** What was stored was verified and agreed with itself: bytes that cannot be read, or ranges beyond them, are damage. */
function asDamage(error: unknown): FarolaError | undefined {
  if (error instanceof FarolaError) return error.code === 'ledger-corrupt' ? error : undefined;
  if (!(error instanceof MalformedCbor) && !(error instanceof RangeError)) return undefined;
  return new FarolaError('ledger-corrupt', { path: 'ledger', reason: error.message }, { cause: error });
}

const NO_CHANGE: Pick<AnswerChange, 'tables' | 'anchors'> = { tables: [], anchors: [] };
const NOTHING: PlacedRow = { placed: [], undated: 0, unplaced: 0, barred: 0 };
const NO_FRAME: LcuFrame = { stays: [], decisions: [] };

function firstKeyOf(slot: number): number {
  return ledgerKey({ slot, lcuNo: 0, ordinal: 0 });
}
