import type { ErrorCode } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import { onStore } from '../ledger/store-failure.js';
import { epochStart, epochTable } from './epoch-table.js';
import type {
  Contact,
  DerivedChange,
  DerivedState,
  EpochStart,
  EpochTable,
  LatestSample,
  MeterStay,
  PanelStay,
  Successor,
  TableFact,
} from './fleet.js';
import { meterStays, panelAt } from './meter-stays.js';

interface ContactColumns {
  readonly lcu_no: number;
  readonly last_good_at_ms: number | null;
  readonly last_at_ms: number;
  readonly verdict: string;
  readonly answers_ok: number;
  readonly answers_refused: number;
  readonly entries_stored: number;
  readonly backlog: number;
}

interface LatestColumns {
  readonly lcu_no: number;
  readonly analyser: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly entry: Uint8Array;
  readonly received_at_ms: number;
  readonly age_ms: number;
}

interface FactColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly at_ms: number;
  readonly entry: Uint8Array;
  readonly previous_epoch: Uint8Array | null;
  readonly previous_n: number | null;
}

type NewFact = Omit<TableFact, 'previous'> & { readonly previousEpoch: Uint8Array | null; readonly previousN: number | null };

interface StayColumns {
  readonly panel: string;
  readonly lcu_id: string;
  readonly lcu_no: number;
  readonly from_ms: number;
  readonly to_ms: number | null;
}

/** The rule of `isNewer` (derive-change.ts), asked where the older sample is. */
const SET_LATEST = `
  INSERT INTO latest VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    epoch = excluded.epoch, n = excluded.n, entry = excluded.entry,
    received_at_ms = excluded.received_at_ms, age_ms = excluded.age_ms
  WHERE iif(excluded.epoch = latest.epoch,
    excluded.n > latest.n,
    excluded.received_at_ms - excluded.age_ms > latest.received_at_ms - latest.age_ms)`;

/** Table entries of one epoch that are taken into account; a panel whose analysers change more often has other troubles. */
const FACTS_OF_EPOCH = 64;

const STAYS = 'SELECT panel, lcu_id, lcu_in_panel.* FROM lcu_in_panel JOIN lcus USING (lcu_no)';

/** The derived state in `state.db`. */
export class SqliteDerived implements DerivedState {
  readonly #path: string;
  readonly #sql: DerivedStatements;
  readonly #apply: (change: DerivedChange) => void;

  constructor(db: Database) {
    this.#path = db.name;
    this.#sql = prepareDerived(db);
    const apply = db.transaction((change: DerivedChange) => this.#write(change));
    this.#apply = (change) => apply.immediate(change);
  }

  apply(change: DerivedChange): void {
    onStore(this.#path, () => this.#apply(change));
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
    return rows.map((row) => ({ epoch: row.epoch, afterN: row.previous_n ?? 0, atMs: row.at_ms }));
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

  #write({ contacts, latest, tables, upToKey }: DerivedChange): void {
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
      );
    }
    for (const s of latest) this.#sql.setLatest.run(s.lcuNo, s.analyser, s.epoch, s.n, s.entry, s.receivedAtMs, s.ageMs);
    for (const { lcuNo, epoch, n, atMs, entry, previous } of tables) {
      const named = { previousEpoch: previous?.epoch ?? null, previousN: previous?.n ?? null };
      this.#sql.addFact.run({ lcuNo, epoch, n, atMs, entry, ...named });
    }
    this.#sql.setApplied.run(upToKey);
  }
}

type DerivedStatements = ReturnType<typeof prepareDerived>;

function prepareDerived(db: Database) {
  return {
    contact: db.prepare<[number], ContactColumns>('SELECT * FROM contacts WHERE lcu_no = ?'),
    setContact: db.prepare<[number, number | null, number, string, number, number, number, number]>(
      'INSERT OR REPLACE INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    latest: db.prepare<[number], LatestColumns>('SELECT * FROM latest WHERE lcu_no = ? ORDER BY analyser'),
    setLatest: db.prepare<[number, number, Uint8Array, number, Uint8Array, number, number]>(SET_LATEST),
    facts: db.prepare<[number, Uint8Array], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND epoch = ? ORDER BY n'),
    start: db.prepare<[number, Uint8Array], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ? AND epoch = ? AND n = 1'),
    successors: db.prepare<[number, Uint8Array | null], FactColumns>(
      'SELECT * FROM table_facts WHERE lcu_no = ? AND previous_epoch IS ? AND n = 1',
    ),
    factsOfLcu: db.prepare<[number], FactColumns>('SELECT * FROM table_facts WHERE lcu_no = ?'),
    addFact: db.prepare<[NewFact]>(
      `INSERT INTO table_facts SELECT :lcuNo, :epoch, :n, :atMs, :entry, :previousEpoch, :previousN
         WHERE :n = 1 OR (SELECT count(*) FROM table_facts WHERE lcu_no = :lcuNo AND epoch = :epoch) < ${FACTS_OF_EPOCH}
         ON CONFLICT DO NOTHING`,
    ),
    applied: db.prepare<[], number>('SELECT key FROM applied').pluck(),
    setApplied: db.prepare<[number]>('UPDATE applied SET key = max(key, ?)'),
    staysOfLcu: db.prepare<[number], StayColumns>(`${STAYS} WHERE lcu_no = ? ORDER BY from_ms, to_ms IS NULL`),
    lcusIn: db
      .prepare<[{ readonly panel: string | null }], number>(
        'SELECT DISTINCT lcu_no FROM lcu_in_panel WHERE :panel IS NULL OR panel = :panel ORDER BY lcu_no',
      )
      .pluck(),
  };
}

function toContact(row: ContactColumns): Contact {
  return {
    lcuNo: row.lcu_no,
    lastGoodAtMs: row.last_good_at_ms,
    lastAtMs: row.last_at_ms,
    verdict: row.verdict as 'ok' | ErrorCode,
    answersOk: row.answers_ok,
    answersRefused: row.answers_refused,
    entriesStored: row.entries_stored,
    backlog: row.backlog,
  };
}

function toLatest(row: LatestColumns): LatestSample {
  const { lcu_no, epoch, n, analyser, entry, received_at_ms, age_ms } = row;
  return { lcuNo: lcu_no, epoch, n, analyser, entry, receivedAtMs: received_at_ms, ageMs: age_ms };
}

function toFact({ lcu_no, epoch, n, at_ms, entry, previous_epoch, previous_n }: FactColumns): TableFact {
  const previous = previous_epoch && { epoch: previous_epoch, n: previous_n ?? 0 };
  return { lcuNo: lcu_no, epoch, n, atMs: at_ms, entry, previous };
}

function toPanelStay({ panel, lcu_id, from_ms, to_ms }: StayColumns): PanelStay {
  return { panel, lcuId: lcu_id, fromMs: from_ms, toMs: to_ms };
}
