import type { Database } from 'better-sqlite3';
import type { Command, Question } from '../store/store-statement.js';
import { type EpochStatements, prepareEpochs } from './sqlite-epoch-statements.js';
import { type EventStatements, prepareEvents } from './sqlite-event-statements.js';
import { type LatestStatements, prepareLatest } from './sqlite-latest-statements.js';
import { prepareStays, type StayStatements } from './sqlite-stay-statements.js';

/** What is asked and written of the derived state. */
export interface DerivedStatements extends LatestStatements, EpochStatements, EventStatements, StayStatements {
  readonly applied: Question<[], number>;
  readonly setApplied: Command<[number]>;
}

/** Prepares it. */
export function prepareDerived(db: Database): DerivedStatements {
  return {
    ...prepareLatest(db),
    ...prepareEpochs(db),
    ...prepareEvents(db),
    ...prepareStays(db),
    applied: db.prepare<[], number>('SELECT key FROM applied').pluck(),
    setApplied: db.prepare<[number]>('UPDATE applied SET key = ?'),
  };
}
