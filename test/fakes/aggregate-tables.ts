import Database from 'better-sqlite3';

/** Rows of each table of `aggregates.db`, by its name. */
export type AggregateTables = Record<string, unknown[]>;

/** Of each table of the aggregates what is in it: points and epochs by their names, since their numbers are given in the order of following. */
const AGGREGATE_TABLES: Readonly<Record<string, string>> = {
  pass: 'SELECT looked_at_ms IS NOT NULL AS ended FROM pass',
  points: 'SELECT point, first_quarter, last_quarter FROM points ORDER BY point',
  points_of_lcu: 'SELECT lcu_no, point FROM points_of_lcu JOIN points USING (point_no) ORDER BY lcu_no, point',
  epochs: 'SELECT lcu_no, epoch, boot FROM epochs ORDER BY lcu_no, epoch',
  facts: 'SELECT lcu_no, epoch, n, at_ms, entry FROM facts JOIN epochs USING (epoch_no) ORDER BY lcu_no, epoch, n',
  anchors: 'SELECT * FROM anchors ORDER BY lcu_no, boot, source',
  frames: 'SELECT * FROM frames ORDER BY lcu_no',
  rows: 'SELECT key, lcu_no, epoch, undated, unplaced, barred FROM rows JOIN epochs USING (epoch_no) ORDER BY key',
  sources: 'SELECT quarter, point, key FROM sources JOIN points USING (point_no) ORDER BY quarter, point, key',
  left_out: 'SELECT key, lcu_no, until_ms FROM left_out ORDER BY place_no',
  dirty: 'SELECT quarter, point FROM dirty JOIN points USING (point_no) ORDER BY quarter, point',
  quarters: `SELECT point, id / 16777216 AS quarter, body FROM quarters JOIN points ON point_no = id % 16777216
    ORDER BY quarter, point`,
};

/** Reads them, comparable between files. */
export function aggregatesOf(path: string): AggregateTables {
  const db = new Database(path, { readonly: true });
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all() as string[];
  const tables = names.map((name) => [name, db.prepare(AGGREGATE_TABLES[name] ?? `not asked: ${name}`).all()]);
  db.close();
  return Object.fromEntries(tables) as AggregateTables;
}
