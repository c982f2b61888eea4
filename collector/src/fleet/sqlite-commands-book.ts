import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import type { CommandEnd, CommandsBook, NewCommand, OrderedCommand } from './commands-book.js';
import { changeFleet } from './sqlite-change.js';

interface CommandColumns {
  readonly lcu_no: number;
  readonly sequence: number;
  readonly command: number;
  readonly argument: Uint8Array;
  readonly ordered_by: string;
  readonly reason: string;
  readonly ordered_at_ms: number;
  readonly valid_until_ms: number;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly answered_at_ms: number | null;
}

/** What LCUs are ordered, in `state.db`. */
export class SqliteCommandsBook implements CommandsBook {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  order(command: NewCommand): OrderedCommand {
    const { lcuNo, argument, by, reason, orderedAtMs, validUntilMs } = command;
    return changeFleet(this.#db, () => {
      this.#db
        .prepare(
          `UPDATE commands SET outcome = 'replaced', detail = '', answered_at_ms = ?
           WHERE lcu_no = ? AND command = ? AND outcome IS NULL`,
        )
        .run(orderedAtMs, lcuNo, command.command);
      const last = this.#db
        .prepare<[number], { last: number | null }>('SELECT max(sequence) AS last FROM commands WHERE lcu_no = ?')
        .get(lcuNo);
      const sequence = (last?.last ?? 0) + 1;
      this.#db
        .prepare(
          `INSERT INTO commands (lcu_no, sequence, command, argument, ordered_by, reason, ordered_at_ms, valid_until_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(lcuNo, sequence, command.command, argument, by, reason, orderedAtMs, validUntilMs);
      return { ...command, sequence, outcome: null, detail: null, answeredAtMs: null };
    });
  }

  lcusWaiting(): readonly number[] {
    return onStore(this.#db.name, () =>
      this.#db.prepare<[], number>('SELECT DISTINCT lcu_no FROM commands WHERE outcome IS NULL').pluck().all(),
    );
  }

  waiting(lcuNo: number, nowMs: number): readonly OrderedCommand[] {
    const rows = onStore(this.#db.name, () =>
      this.#db
        .prepare<[number], CommandColumns>('SELECT * FROM commands WHERE lcu_no = ? AND outcome IS NULL ORDER BY sequence')
        .all(lcuNo),
    ).map(toCommand);
    for (const { sequence, validUntilMs } of rows) {
      if (validUntilMs <= nowMs) this.end(lcuNo, sequence, 'command-expired', '', nowMs);
    }
    return rows.filter(({ validUntilMs }) => validUntilMs > nowMs);
  }

  end(lcuNo: number, sequence: number, outcome: CommandEnd, detail: string, atMs: number): void {
    changeFleet(this.#db, () =>
      this.#db
        .prepare('UPDATE commands SET outcome = ?, detail = ?, answered_at_ms = ? WHERE lcu_no = ? AND sequence = ?')
        .run(outcome, detail, atMs, lcuNo, sequence),
    );
  }

  renumber(lcuNo: number, sequence: number, above: number): void {
    changeFleet(this.#db, () =>
      this.#db
        .prepare(
          `UPDATE commands SET sequence = 1 + max(?, (SELECT max(sequence) FROM commands WHERE lcu_no = ?))
           WHERE lcu_no = ? AND sequence = ? AND outcome IS NULL`,
        )
        .run(above, lcuNo, lcuNo, sequence),
    );
  }

  last(lcuNo: number): OrderedCommand | undefined {
    return this.#newest(lcuNo, 'SELECT * FROM commands WHERE lcu_no = ? ORDER BY sequence DESC LIMIT 1');
  }

  lastTaken(lcuNo: number): OrderedCommand | undefined {
    return this.#newest(lcuNo, "SELECT * FROM commands WHERE lcu_no = ? AND outcome = 'ok' ORDER BY sequence DESC LIMIT 1");
  }

  #newest(lcuNo: number, sql: string): OrderedCommand | undefined {
    const row = onStore(this.#db.name, () => this.#db.prepare<[number], CommandColumns>(sql).get(lcuNo));
    return row && toCommand(row);
  }
}

function toCommand(row: CommandColumns): OrderedCommand {
  return {
    lcuNo: row.lcu_no,
    sequence: row.sequence,
    command: row.command,
    argument: new Uint8Array(row.argument),
    by: row.ordered_by,
    reason: row.reason,
    orderedAtMs: row.ordered_at_ms,
    validUntilMs: row.valid_until_ms,
    outcome: row.outcome as CommandEnd | null,
    detail: row.detail,
    answeredAtMs: row.answered_at_ms,
  };
}
