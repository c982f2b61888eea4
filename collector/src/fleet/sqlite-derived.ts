import type { Database } from 'better-sqlite3';
import { onStore } from '../ledger/store-failure.js';
import { epochStart, epochTable, successorOf } from './epoch-table.js';
import type {
  ClockAnchors,
  Contact,
  DerivedChange,
  DerivedState,
  EpochStart,
  EpochTable,
  EventFact,
  LatestSample,
  MeterStay,
  PanelStay,
  Successor,
} from './fleet.js';
import { meterStays, panelAt } from './meter-stays.js';
import {
  type DerivedStatements,
  prepareDerived,
  toContact,
  toEvent,
  toFact,
  toLatest,
  toPanelStay,
} from './sqlite-derived-statements.js';

/** The derived state in `state.db`. */
export class SqliteDerived implements DerivedState {
  readonly #path: string;
  readonly #sql: DerivedStatements;
  readonly #apply: (change: DerivedChange) => EventFact[];

  constructor(db: Database) {
    this.#path = db.name;
    this.#sql = prepareDerived(db);
    const apply = db.transaction((change: DerivedChange) => this.#write(change));
    this.#apply = (change) => apply.immediate(change);
  }

  apply(change: DerivedChange): readonly EventFact[] {
    return onStore(this.#path, () => this.#apply(change));
  }

  contact(lcuNo: number): Contact | undefined {
    const row = onStore(this.#path, () => this.#sql.contact.get(lcuNo));
    return row && toContact(row);
  }

  latest(lcuNo: number): readonly LatestSample[] {
    return onStore(this.#path, () => this.#sql.latest.all(lcuNo)).map(toLatest);
  }

  table(lcuNo: number, epoch: Uint8Array): EpochTable | undefined {
    return epochTable(onStore(this.#path, () => this.#sql.facts.all(lcuNo, epoch)).map(toFact));
  }

  start(lcuNo: number, epoch: Uint8Array): EpochStart | undefined {
    const row = onStore(this.#path, () => this.#sql.start.get(lcuNo, epoch));
    return row && epochStart(toFact(row));
  }

  successors(lcuNo: number, epoch: Uint8Array | null): readonly Successor[] {
    const rows = onStore(this.#path, () => this.#sql.successors.all(lcuNo, epoch));
    return rows.map(toFact).map(successorOf);
  }

  anchors(lcuNo: number, boot: Uint8Array): ClockAnchors {
    const rows = onStore(this.#path, () => this.#sql.anchors.all(lcuNo, boot));
    const of = (source: string): ClockAnchors['contact'] => {
      const row = rows.find((one) => one.source === source);
      return row && { monoMs: row.mono_ms, wallMs: row.wall_ms };
    };
    return { contact: of('contact'), clock: of('clock') };
  }

  events(fromMs: number, lcuNo?: number): readonly EventFact[] {
    return onStore(this.#path, () => this.#sql.events.all({ lcuNo: lcuNo ?? null, fromMs })).map(toEvent);
  }

  appliedKey(): number {
    return onStore(this.#path, () => this.#sql.applied.get()) ?? 0;
  }

  panelStays(lcuNo: number): readonly PanelStay[] {
    return onStore(this.#path, () => this.#sql.staysOfLcu.all(lcuNo)).map(toPanelStay);
  }

  meterStays(panel?: string): readonly MeterStay[] {
    const lcus = onStore(this.#path, () => this.#sql.lcusIn.all({ panel: panel ?? null }));
    const sightings = lcus.flatMap((lcuNo) => {
      const stays = this.panelStays(lcuNo);
      const facts = onStore(this.#path, () => this.#sql.factsOfLcu.all(lcuNo)).map(toFact);
      return facts.flatMap((fact) => {
        const at = panelAt(stays, fact.atMs);
        return at === undefined || (panel !== undefined && at !== panel) ? [] : [{ ...fact, panel: at }];
      });
    });
    return meterStays(sightings);
  }

  #write({ contacts, latest, tables, events, anchors, upToKey }: DerivedChange): EventFact[] {
    for (const c of contacts) {
      this.#sql.setContact.run(
        c.lcuNo,
        c.lastGoodAtMs,
        c.lastAtMs,
        c.verdict,
        c.answersOk,
        c.answersRefused,
        c.entriesStored,
        c.backlog,
        c.codeHash,
      );
    }
    for (const s of latest) this.#sql.setLatest.run(s.lcuNo, s.analyser, s.epoch, s.n, s.entry, s.receivedAtMs, s.ageMs);
    for (const { lcuNo, epoch, n, atMs, entry, previous } of tables) {
      const named = { previousEpoch: previous?.epoch ?? null, previousN: previous?.n ?? null };
      this.#sql.addFact.run({ lcuNo, epoch, n, atMs, entry, ...named });
    }
    for (const { lcuNo, boot, source, monoMs, wallMs } of anchors) this.#sql.addAnchor.run(lcuNo, boot, source, monoMs, wallMs);
    this.#sql.setApplied.run(upToKey);
    return this.#addEvents(events);
  }

  #addEvents(events: readonly EventFact[]): EventFact[] {
    const fresh = events.filter(({ lcuNo, epoch, n, entry, atMs, receivedAtMs, late }) => {
      return this.#sql.addEvent.run(lcuNo, epoch, n, entry, atMs, receivedAtMs, Number(late)).changes > 0;
    });
    for (const lcuNo of new Set(fresh.map((event) => event.lcuNo))) this.#sql.dropOldEvents.run({ lcuNo });
    return fresh;
  }
}
