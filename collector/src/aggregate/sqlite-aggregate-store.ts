import type { Database } from 'better-sqlite3';
import type { ClockAnchors, NewAnchor, TableFact } from '../fleet/derived-state.js';
import type { LeftOut } from '../proof/left-out.js';
import type { AggregateStore, LcuFrame, PointQuarter, WithoutPlace } from './aggregate-store.js';
import { onAggregates } from './aggregates-failure.js';
import { encodeSummary, type QuarterSummary } from './quarter-summary.js';
import { type AggregateStatements, prepareAggregates, toFact } from './sqlite-aggregate-statements.js';
import { quarterId } from './sqlite-aggregates-schema.js';

/** `aggregates.db` as the follower of the ledger writes it. Only `change` turns what SQLite throws into errors of the table. */
export class SqliteAggregateStore implements AggregateStore {
  readonly #db: Database;
  readonly #sql: AggregateStatements;
  readonly #pointNos = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepareAggregates(db);
  }

  change<Value>(work: () => Value): Value {
    try {
      return onAggregates(this.#db.name, () => this.#db.transaction(work).immediate());
    } catch (error) {
      this.#pointNos.clear();
      throw error;
    }
  }

  lookedAtMs(): number | null {
    return this.#ask(() => this.#sql.lookedAt.get()) ?? null;
  }

  setLookedAt(ms: number): void {
    this.#sql.setLookedAt.run(ms);
  }

  isTaken(key: number): boolean {
    return this.#ask(() => this.#sql.taken.get({ key })) !== undefined;
  }

  leaveOut(places: readonly LeftOut[]): void {
    for (const place of places) this.#sql.leaveOut.run(place);
  }

  addRow(key: number, epochNo: number): void {
    this.#sql.addRow.run(key, epochNo);
  }

  placeRow(key: number, lcuNo: number, at: readonly { point: string; quarter: number }[], without: WithoutPlace): void {
    this.#sql.dirtySources.run(key);
    this.#sql.dropSources.run(key);
    for (const { point, quarter } of at) {
      const pointNo = this.#pointNo(point, quarter);
      this.#sql.stretchPoint.run({ pointNo, quarter });
      this.#sql.addPointOfLcu.run(lcuNo, pointNo);
      this.#sql.addSource.run(quarter, pointNo, key);
      this.#sql.setDirty.run(quarter, pointNo);
    }
    this.#sql.setWithout.run(without.undated, without.unplaced, without.barred, key);
  }

  epochNo(lcuNo: number, epoch: Uint8Array): number {
    return this.#sql.epochNo.get(lcuNo, epoch) ?? Number(this.#sql.addEpoch.run(lcuNo, epoch).lastInsertRowid);
  }

  rowsOfEpoch(epochNo: number): readonly number[] {
    return this.#sql.rowsOfEpoch.all(epochNo);
  }

  epochsOfBoot(lcuNo: number, boot: Uint8Array): readonly number[] {
    return this.#sql.epochsOfBoot.all(lcuNo, boot);
  }

  rowsSince(lcuNo: number, key: number): readonly number[] {
    return this.#sql.rowsSince.all(lcuNo, key);
  }

  facts(epochNo: number): readonly TableFact[] {
    return this.#sql.facts.all(epochNo).map(toFact);
  }

  addFact(epochNo: number, { n, atMs, entry }: TableFact, boot: Uint8Array | null): boolean {
    if (this.#sql.addFact.run({ epochNo, n, atMs, entry }).changes === 0) return false;
    if (boot) this.#sql.setBoot.run(boot, epochNo);
    return true;
  }

  anchors(lcuNo: number, boot: Uint8Array): ClockAnchors {
    const rows = this.#sql.anchors.all(lcuNo, boot);
    const of = (source: string): ClockAnchors['contact'] => {
      const row = rows.find((one) => one.source === source);
      return row && { monoMs: row.mono_ms, wallMs: row.wall_ms };
    };
    return { contact: of('contact'), clock: of('clock') };
  }

  addAnchor(key: number, { lcuNo, boot, source, monoMs, wallMs }: NewAnchor): boolean {
    return this.#sql.addAnchor.run({ lcuNo, boot, source, key, monoMs, wallMs }).changes > 0;
  }

  frame(lcuNo: number): LcuFrame | undefined {
    const text = this.#sql.frame.get(lcuNo);
    return text === undefined ? undefined : (JSON.parse(text) as LcuFrame);
  }

  setFrame(lcuNo: number, frame: LcuFrame): void {
    this.#sql.setFrame.run(lcuNo, JSON.stringify(frame));
  }

  dirty(limit: number): readonly PointQuarter[] {
    return this.#ask(() => this.#sql.dirty.all(limit)).map(({ quarter, point_no, point }) => ({
      quarter,
      pointNo: point_no,
      point,
    }));
  }

  dirtyCount(limit: number): number {
    return this.#ask(() => this.#sql.dirtyCount.get(limit)) ?? 0;
  }

  sources({ pointNo, quarter }: PointQuarter, limit: number): readonly number[] {
    return this.#sql.sources.all(quarter, pointNo, limit);
  }

  setQuarter({ pointNo, quarter }: PointQuarter, summary: QuarterSummary | undefined): void {
    const id = quarterId(quarter, pointNo);
    if (summary) this.#sql.setQuarter.run(id, encodeSummary(summary));
    else this.#sql.dropQuarter.run(id);
    this.#sql.dropDirty.run(quarter, pointNo);
  }

  close(): void {
    this.#db.close();
  }

  #pointNo(point: string, quarter: number): number {
    const known = this.#pointNos.get(point) ?? this.#sql.pointNo.get(point);
    const pointNo = known ?? Number(this.#sql.addPoint.run(point, quarter, quarter).lastInsertRowid);
    this.#pointNos.set(point, pointNo);
    return pointNo;
  }

  #ask<Value>(work: () => Value): Value {
    return onAggregates(this.#db.name, work);
  }
}
