import type { Database } from 'better-sqlite3';
import type { TableFact } from '../fleet/derived-state.js';
import type { LeftOut } from '../proof/left-out.js';
import type { Command, Question } from '../store/store-statement.js';

/** One row of `facts` with its epoch. */
export interface FactColumns {
  readonly lcu_no: number;
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly at_ms: number;
  readonly entry: Uint8Array;
}

/** As the fleet knows it; which epoch came before is not kept here. */
export function toFact({ lcu_no, epoch, n, at_ms, entry }: FactColumns): TableFact {
  return { lcuNo: lcu_no, epoch, n, atMs: at_ms, entry, previous: null };
}

/** One row of `anchors`. */
export interface AnchorColumns {
  readonly source: string;
  readonly mono_ms: number;
  readonly wall_ms: number;
}

/** An anchor on its way in. */
export interface NewAnchorRow {
  readonly lcuNo: number;
  readonly boot: Uint8Array;
  readonly source: string;
  readonly key: number;
  readonly monoMs: number;
  readonly wallMs: number;
}

/** Start and table entries of one epoch that are taken into account, as in the fleet's derived state. */
const FACTS_OF_EPOCH = 64;

/** What is asked and written of the aggregates by the follower. */
export interface AggregateStatements {
  readonly lookedAt: Question<[], number | null>;
  readonly setLookedAt: Command<[number]>;
  readonly taken: Question<[{ key: number }], number>;
  readonly leaveOut: Command<[LeftOut]>;
  /** (key, epochNo) */
  readonly addRow: Command<[number, number]>;
  /** (undated, unplaced, barred, key) */
  readonly setWithout: Command<[number, number, number, number]>;
  readonly rowsOfEpoch: Question<[number], number>;
  /** (lcuNo, lowest key) */
  readonly rowsSince: Question<[number, number], number>;
  readonly epochNo: Question<[number, Uint8Array], number>;
  readonly addEpoch: Command<[number, Uint8Array]>;
  /** (boot, epochNo) */
  readonly setBoot: Command<[Uint8Array, number]>;
  readonly epochsOfBoot: Question<[number, Uint8Array], number>;
  readonly facts: Question<[number], FactColumns>;
  readonly addFact: Command<[{ epochNo: number; n: number; atMs: number; entry: Uint8Array }]>;
  readonly anchors: Question<[number, Uint8Array], AnchorColumns>;
  readonly addAnchor: Command<[NewAnchorRow]>;
  readonly frame: Question<[number], string>;
  readonly setFrame: Command<[number, string]>;
  readonly pointNo: Question<[string], number>;
  /** (point, first quarter, last quarter) */
  readonly addPoint: Command<[string, number, number]>;
  readonly stretchPoint: Command<[{ pointNo: number; quarter: number }]>;
  /** (lcuNo, pointNo) */
  readonly addPointOfLcu: Command<[number, number]>;
  readonly dirtySources: Command<[number]>;
  readonly dropSources: Command<[number]>;
  /** (quarter, pointNo, key) */
  readonly addSource: Command<[number, number, number]>;
  /** (quarter, pointNo, limit) */
  readonly sources: Question<[number, number, number], number>;
  /** (quarter, pointNo) */
  readonly setDirty: Command<[number, number]>;
  readonly dropDirty: Command<[number, number]>;
  readonly dirty: Question<[number], { readonly quarter: number; readonly point_no: number; readonly point: string }>;
  readonly dirtyCount: Question<[number], number>;
  /** (id, body) */
  readonly setQuarter: Command<[number, Uint8Array]>;
  readonly dropQuarter: Command<[number]>;
}

/** Prepares it. */
export function prepareAggregates(db: Database): AggregateStatements {
  const ask = <P extends unknown[], V>(sql: string): Question<P, V> => db.prepare<P, V>(sql).pluck();
  const tell = <P extends unknown[]>(sql: string): Command<P> => db.prepare<P>(sql);
  return {
    lookedAt: ask('SELECT looked_at_ms FROM pass'),
    setLookedAt: tell('UPDATE pass SET looked_at_ms = ?'),
    taken: ask('SELECT 1 FROM rows WHERE key = :key UNION ALL SELECT 1 FROM left_out WHERE key = :key'),
    leaveOut: tell('INSERT INTO left_out VALUES (NULL, :key, :lcuNo, :untilMs) ON CONFLICT DO NOTHING'),
    addRow: tell('INSERT INTO rows (key, epoch_no) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    setWithout: tell('UPDATE rows SET undated = ?, unplaced = ?, barred = ? WHERE key = ?'),
    rowsOfEpoch: ask('SELECT key FROM rows WHERE epoch_no = ? ORDER BY key'),
    rowsSince: ask('SELECT key FROM epochs JOIN rows USING (epoch_no) WHERE lcu_no = ? AND key >= ? ORDER BY key'),
    epochNo: ask('SELECT epoch_no FROM epochs WHERE lcu_no = ? AND epoch = ?'),
    addEpoch: tell('INSERT INTO epochs (lcu_no, epoch) VALUES (?, ?)'),
    setBoot: tell('UPDATE epochs SET boot = ? WHERE epoch_no = ?'),
    epochsOfBoot: ask('SELECT epoch_no FROM epochs WHERE lcu_no = ? AND boot = ?'),
    facts: db.prepare<[number], FactColumns>(
      'SELECT lcu_no, epoch, n, at_ms, entry FROM facts JOIN epochs USING (epoch_no) WHERE epoch_no = ? ORDER BY n',
    ),
    addFact: tell(
      `INSERT INTO facts SELECT :epochNo, :n, :atMs, :entry
         WHERE :n = 1 OR (SELECT count(*) FROM facts WHERE epoch_no = :epochNo) < ${FACTS_OF_EPOCH} ON CONFLICT DO NOTHING`,
    ),
    anchors: db.prepare<[number, Uint8Array], AnchorColumns>(
      'SELECT source, mono_ms, wall_ms FROM anchors WHERE lcu_no = ? AND boot = ?',
    ),
    addAnchor: tell(
      `INSERT INTO anchors VALUES (:lcuNo, :boot, :source, :key, :monoMs, :wallMs)
         ON CONFLICT DO UPDATE SET key = excluded.key, mono_ms = excluded.mono_ms, wall_ms = excluded.wall_ms
         WHERE excluded.key < anchors.key`,
    ),
    frame: ask('SELECT frame FROM frames WHERE lcu_no = ?'),
    setFrame: tell('INSERT OR REPLACE INTO frames VALUES (?, ?)'),
    pointNo: ask('SELECT point_no FROM points WHERE point = ?'),
    addPoint: tell('INSERT INTO points (point, first_quarter, last_quarter) VALUES (?, ?, ?)'),
    stretchPoint: tell(
      `UPDATE points SET first_quarter = min(first_quarter, :quarter), last_quarter = max(last_quarter, :quarter)
         WHERE point_no = :pointNo AND :quarter NOT BETWEEN first_quarter AND last_quarter`,
    ),
    addPointOfLcu: tell('INSERT INTO points_of_lcu VALUES (?, ?) ON CONFLICT DO NOTHING'),
    dirtySources: tell('INSERT INTO dirty SELECT quarter, point_no FROM sources WHERE key = ? ON CONFLICT DO NOTHING'),
    dropSources: tell('DELETE FROM sources WHERE key = ?'),
    addSource: tell('INSERT INTO sources VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    sources: ask('SELECT key FROM sources WHERE quarter = ? AND point_no = ? ORDER BY key LIMIT ?'),
    setDirty: tell('INSERT INTO dirty VALUES (?, ?) ON CONFLICT DO NOTHING'),
    dropDirty: tell('DELETE FROM dirty WHERE quarter = ? AND point_no = ?'),
    dirty: db.prepare(
      'SELECT quarter, point_no, point FROM dirty JOIN points USING (point_no) ORDER BY quarter, point_no LIMIT ?',
    ),
    dirtyCount: ask('SELECT count(*) FROM (SELECT 1 FROM dirty LIMIT ?)'),
    setQuarter: tell('INSERT OR REPLACE INTO quarters VALUES (?, ?)'),
    dropQuarter: tell('DELETE FROM quarters WHERE id = ?'),
  };
}
