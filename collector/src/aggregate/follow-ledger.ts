import { ANSWER, cutItems, cutSigned, parseMessage } from '@farola/shared';
import { decisionsOf } from '../fleet/decide.js';
import { type AnswerChange, deriveFromAnswer } from '../fleet/derive-change.js';
import { epochStart } from '../fleet/epoch-table.js';
import type { StayReader } from '../fleet/derived-state.js';
import type { FleetReader } from '../fleet/fleet.js';
import { ledgerKey, ledgerKeyParts, slotOf } from '../ledger/ledger-key.js';
import type { JudgementReader, LedgerKeys, LedgerRow } from '../ledger/ledger.js';
import type { AggregateStore, LcuFrame, PointQuarter } from './aggregate-store.js';
import { changedFromMs } from './lcu-frame.js';
import { PlacedRows, type PlacedRowsDeps } from './placed-rows.js';
import { summariseQuarter } from './summarise-quarter.js';

/** What following the ledger needs. */
export interface FollowDeps extends PlacedRowsDeps {
  readonly ledger: PlacedRowsDeps['ledger'] & Pick<LedgerKeys, 'keysFrom'> & JudgementReader;
  readonly fleet: Pick<FleetReader, 'list' | 'version'>;
  readonly derived: Pick<StayReader, 'panelStays'>;
  readonly store: AggregateStore;
  readonly now: () => number;
}

/** Rows that one transaction takes in. */
const ROWS_AT_ONCE = 256;
/** Quarters that one transaction makes. */
const QUARTERS_AT_ONCE = 256;
/** Quarters that may wait to be made while rows are taken in: what many rows touch is made once. */
const DIRTY_ENOUGH = 20_000;
/** Rows that a quarter is made from at the most; an honest LCU has three, some thirty while it makes up for an outage. */
const SOURCES_OF_QUARTER = 256;
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
  readonly #rows: PlacedRows;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
    this.#rows = new PlacedRows(deps);
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
    this.#rows.forget();
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
    this.#rows.forget();
    for (const lcuNo of new Set(keys.map((key) => ledgerKeyParts(key).lcuNo))) this.#lookAtFrame(lcuNo);
    const learnt = new Set<number>();
    for (const key of keys) {
      const row = this.#rows.row(key);
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
    this.#rows.forget();
    const rows = new Set<number>();
    for (const epochNo of epochs) {
      for (const key of store.rowsOfEpoch(epochNo)) {
        const row = this.#rows.row(key);
        if (row) for (const of of this.#learn(row, epochNo)) epochs.add(of);
        rows.add(key);
      }
    }
    for (const key of rows) this.#place(key);
  }

  /** Takes start, table and clock entries in. Gives the epochs whose rows have to be placed again. */
  #learn(row: LedgerRow, epochNo: number): Set<number> {
    const { store } = this.#deps;
    const { tables, anchors } = this.#rows.spared(() => this.#changeOf(row, epochNo)) ?? NO_CHANGE;
    const learnt = new Set<number>();
    for (const fact of tables) {
      const boot = epochStart(fact)?.boot ?? null;
      if (store.addFact(epochNo, fact, boot)) learnt.add(epochNo);
    }
    for (const anchor of anchors) {
      if (!store.addAnchor(row.key, anchor)) continue;
      for (const of of store.epochsOfBoot(row.lcuNo, anchor.boot)) learnt.add(of);
    }
    if (learnt.size > 0) this.#rows.forget();
    return learnt;
  }

  #changeOf(row: LedgerRow, epochNo: number): Pick<AnswerChange, 'tables' | 'anchors'> {
    const { lcuNo, receivedAtMs, epoch, first } = row;
    const cut = cutSigned(row.answer);
    const answer = cut.ok ? parseMessage(ANSWER, cut.value.payload) : cut;
    if (!answer.ok) return NO_CHANGE;
    const { items } = cutItems(row.entries);
    const start = this.#rows.contextOf(lcuNo, epochNo).start;
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
    const { placed, undated, unplaced, barred } = this.#rows.placed(key);
    const places = new Map(placed.map(({ point, quarter }) => [`${quarter} ${point}`, { point, quarter }]));
    store.placeRow(key, ledgerKeyParts(key).lcuNo, [...places.values()], { undated, unplaced, barred });
  }

  /** What the fleet knows of an LCU now. Where that differs, the rows are placed again that it concerns. */
  #lookAtFrame(lcuNo: number): void {
    const { store, ledger, derived } = this.#deps;
    const frame: LcuFrame = {
      stays: derived.panelStays(lcuNo).map(({ panel, fromMs, toMs }) => ({ panel, fromMs, toMs })),
      decisions: (this.#rows.spared(() => decisionsOf(ledger, lcuNo)) ?? []).map(({ reason: _, by: __, ...decided }) => decided),
    };
    const fromMs = changedFromMs(store.frame(lcuNo), frame);
    if (fromMs === undefined) return;
    store.setFrame(lcuNo, frame);
    this.#rows.forget();
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
      .flatMap((key) => this.#rows.placed(key).placed)
      .filter(({ point, quarter }) => point === of.point && quarter === of.quarter);
    store.setQuarter(of, samples.length > 0 ? summariseQuarter(samples.map(({ sample }) => sample)) : undefined);
  }
}

const NO_CHANGE: Pick<AnswerChange, 'tables' | 'anchors'> = { tables: [], anchors: [] };

function firstKeyOf(slot: number): number {
  return ledgerKey({ slot, lcuNo: 0, ordinal: 0 });
}
