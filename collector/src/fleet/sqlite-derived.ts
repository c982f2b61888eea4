import { toHex } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import { isFirstBranch } from '../branch-id.js';
import { ledgerKeyParts } from '../ledger/ledger-key.js';
import type { SharedSpan } from '../ledger/ledger.js';
import { panelAt } from '../api/panel-at.js';
import { onStore } from '../store/store-failure.js';
import { epochStart, epochTable, within } from './epoch-table.js';
import type {
  ClockAnchors,
  Contact,
  DerivedChange,
  DerivedState,
  EpochStart,
  EpochTable,
  EventFact,
  HeldSample,
  LatestSample,
  MeterStay,
  PlatformFact,
  Successor,
  SuccessorsAsked,
  TableFact,
} from './derived-state.js';
import type { PanelStay } from './fleet.js';
import { mayBeLatest } from './freshness.js';
import { meterStays } from './meter-stays.js';
import { isNewer } from '../newer-sample.js';
import { durably } from './sqlite-change.js';
import { type DerivedStatements, prepareDerived } from './sqlite-derived-statements.js';
import { toFact, toSuccessor } from './sqlite-epoch-statements.js';
import { toEvent } from './sqlite-event-statements.js';
import { toContact, toHeld, toLatest, toPlatform } from './sqlite-latest-statements.js';
import { toPanelStay } from './sqlite-stay-statements.js';

/** The derived state in `state.db`. */
export class SqliteDerived implements DerivedState {
  readonly #path: string;
  readonly #sql: DerivedStatements;
  readonly #apply: (change: DerivedChange) => EventFact[];

  constructor(db: Database) {
    this.#path = db.name;
    this.#sql = prepareDerived(db);
    const apply = db.transaction((change: DerivedChange) => this.#write(change));
    this.#apply = (change) => (this.#goesBack(change) ? durably(db, () => apply.immediate(change)) : apply.immediate(change));
  }

  apply(change: DerivedChange): readonly EventFact[] {
    return onStore(this.#path, () => this.#apply(change));
  }

  contact(lcuNo: number): Contact | undefined {
    const row = onStore(this.#path, () => this.#sql.contact.get(lcuNo));
    return row && toContact(row);
  }

  platform(lcuNo: number): PlatformFact | undefined {
    const row = onStore(this.#path, () => this.#sql.platform.get(lcuNo));
    return row && toPlatform(row);
  }

  latest(lcuNo: number): readonly HeldSample[] {
    return onStore(this.#path, () => this.#sql.latest.all(lcuNo)).map(toHeld);
  }

  latestOfAll(): ReadonlyMap<number, readonly HeldSample[]> {
    return byLcu(onStore(this.#path, () => this.#sql.latestOfAll.all()).map(toHeld));
  }

  table(lcuNo: number, id: Uint8Array, shared: () => readonly SharedSpan[] = () => []): EpochTable | undefined {
    const own = this.#facts(lcuNo, id);
    if (isFirstBranch(id)) return epochTable(own);
    const others = shared().flatMap((span) => within(this.#facts(lcuNo, span.source), [span]));
    return epochTable([...others, ...own]);
  }

  start(lcuNo: number, epoch: Uint8Array): EpochStart | undefined {
    const row = onStore(this.#path, () => this.#sql.start.get(lcuNo, epoch));
    return row && epochStart(toFact(row));
  }

  successors(lcuNo: number, epoch: Uint8Array | null, { limit, fromMs = 0 }: SuccessorsAsked): readonly Successor[] {
    const rows = onStore(this.#path, () => this.#sql.successors.all(lcuNo, epoch, fromMs, limit));
    return rows.map(toSuccessor);
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

  #write({ contacts, latest, tables, events, anchors, platforms, upToKey }: DerivedChange): EventFact[] {
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
    for (const { lcuNo, epoch, n, atMs, entry, previous } of tables) {
      const named = { previousEpoch: previous?.epoch ?? null, previousN: previous?.n ?? null };
      this.#sql.addFact.run({ lcuNo, epoch, n, atMs, entry, ...named });
    }
    const tableOf = this.#tablesAsked();
    for (const sample of latest) this.#setLatest(sample, tableOf);
    for (const { lcuNo, boot, source, monoMs, wallMs } of anchors) this.#sql.addAnchor.run(lcuNo, boot, source, monoMs, wallMs);
    for (const { lcuNo, epoch, n, hash, receivedAtMs } of platforms) {
      this.#sql.setPlatform.run(lcuNo, epoch, n, hash, receivedAtMs);
    }
    if (upToKey !== null) this.#sql.setApplied.run(upToKey);
    return this.#addEvents(events);
  }

  /** Reads each table once: an LCU may send samples of 256 analysers that are all old, and 64 tables of 64 rows. */
  #tablesAsked(): (sample: LatestSample) => EpochTable | undefined {
    const known = new Map<string, EpochTable | undefined>();
    return ({ lcuNo, epoch }) => {
      const key = `${lcuNo} ${toHex(epoch)}`;
      if (!known.has(key)) known.set(key, this.table(lcuNo, epoch));
      return known.get(key);
    };
  }

  #setLatest(sample: LatestSample, tableOf: (sample: LatestSample) => EpochTable | undefined): void {
    const { lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs } = sample;
    if (!mayBeLatest(sample, () => tableOf(sample))) return;
    if (this.#sql.setLatest.run(lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs).changes > 0) return;
    const there = this.#sql.latestOf.get(lcuNo, analyser);
    if (there && !isNewer(sample, toLatest(there), (of) => this.#sql.previousEpoch.get(lcuNo, of))) return;
    this.#sql.replaceLatest.run(lcuNo, analyser, epoch, n, entry, receivedAtMs, ageMs);
  }

  #facts(lcuNo: number, id: Uint8Array): TableFact[] {
    return onStore(this.#path, () => this.#sql.facts.all(lcuNo, id)).map(toFact);
  }

  /** Rows that are stored next count on it. */
  #goesBack({ upToKey }: DerivedChange): boolean {
    return upToKey !== null && ledgerKeyParts(upToKey).slot < ledgerKeyParts(this.#sql.applied.get() ?? 0).slot;
  }

  #addEvents(events: readonly EventFact[]): EventFact[] {
    const fresh = events.filter(({ lcuNo, epoch, n, entry, atMs, receivedAtMs, late }) => {
      return this.#sql.addEvent.run(lcuNo, epoch, n, entry, atMs, receivedAtMs, Number(late)).changes > 0;
    });
    for (const lcuNo of new Set(fresh.map((event) => event.lcuNo))) this.#sql.dropOldEvents.run({ lcuNo });
    return fresh;
  }
}

function byLcu(samples: readonly HeldSample[]): ReadonlyMap<number, readonly HeldSample[]> {
  const found = new Map<number, HeldSample[]>();
  for (const sample of samples) {
    const ofLcu = found.get(sample.lcuNo);
    if (ofLcu) ofLcu.push(sample);
    else found.set(sample.lcuNo, [sample]);
  }
  return found;
}
