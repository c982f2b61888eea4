import { systemClock } from '@farola/shared';
import type { DerivedPart, RebuildStep } from '../fleet/derived-part.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import type { LedgerReader } from '../ledger/ledger.js';
import type { LeftOut } from '../proof/left-out.js';
import { besideOf, removeStore, replaceStore } from '../store/store-beside.js';
import { type FollowDeps, LedgerFollower } from './follow-ledger.js';
import { openSqliteAggregates } from './sqlite-aggregates.js';

const BUSY_MS = 10_000;

/** Opens fleet and derived state, as they are when this part's turn has come. */
export type OpenState = () => Promise<Pick<SqliteState, 'fleet' | 'derived' | 'close'>>;

/**
 * `aggregates.db` as a part that can be made anew: in a file beside it, which then takes its place. The state has to be made
 * anew before it, since it says in which panel an LCU was. A row of the ledger that it is given and that cannot be read ends it: `ledger-corrupt`.
 */
export function sqliteAggregatePart(path: string, openState: OpenState, options: AggregatePartOptions = {}): DerivedPart {
  return { name: 'aggregates', rebuild: (ledger) => rebuild(path, openState, ledger, options) };
}

/** What they are made without, and how the old file is dealt with. */
export interface AggregatePartOptions {
  /** What of the ledger is left out; asked when it is made. Nothing unless told. */
  readonly leftOut?: () => readonly LeftOut[];
  /** How long a reader of it is waited for, ms; 10 000 unless told. */
  readonly busyMs?: number;
  /** Told where the old file lies when it was damaged. */
  readonly onSetAside?: (path: string) => void;
}

async function* rebuild(
  path: string,
  openState: OpenState,
  ledger: LedgerReader,
  { leftOut = () => [], busyMs = BUSY_MS, onSetAside = () => undefined }: AggregatePartOptions,
): AsyncGenerator<RebuildStep, number> {
  removeStore(besideOf(path));
  const walk = new Walk(ledger);
  const state = await openState();
  const store = await openSqliteAggregates(besideOf(path));
  try {
    store.change(() => store.leaveOut(leftOut()));
    const now = (): number => systemClock().now().wallMs;
    const onDamage = (error: unknown): never => {
      throw error;
    };
    const follower = new LedgerFollower({ ...state, ledger: walk.ledger, store, now, onDamage });
    while (follower.step()) yield { part: 'aggregates', ...walk.step };
  } finally {
    store.close();
    state.close();
  }
  const damaged = await replaceStore((await import('better-sqlite3')).default, path, busyMs);
  if (damaged !== undefined) onSetAside(damaged);
  return walk.step.rows;
}

/** A ledger, and how far it was walked through. */
class Walk {
  readonly ledger: FollowDeps['ledger'];
  readonly #span: { readonly first: number; readonly last: number };
  #rows = 0;
  #key = 0;

  constructor(ledger: LedgerReader) {
    this.#span = ledger.keySpan();
    this.ledger = {
      row: (key) => ledger.row(key),
      rowOf: (...of) => ledger.rowOf(...of),
      ownedBy: (key) => ledger.ownedBy(key),
      judgements: (...of) => ledger.judgements(...of),
      keysFrom: (from) => this.#counted(ledger.keysFrom(from)),
    };
  }

  get step(): { readonly rows: number; readonly share: number } {
    const { first, last } = this.#span;
    return { rows: this.#rows, share: this.#key === 0 ? 0 : (this.#key - first + 1) / (last - first + 1) };
  }

  *#counted(keys: Iterable<number>): Generator<number> {
    for (const key of keys) {
      this.#rows++;
      this.#key = key;
      yield key;
    }
  }
}
