import { FarolaError, MalformedCbor } from '@farola/shared';
import { epochStart, epochTable } from '../fleet/epoch-table.js';
import type { EntryOwners, LedgerRow, LedgerRows, OwnedRange } from '../ledger/ledger.js';
import type { AggregateStore, LcuFrame } from './aggregate-store.js';
import { type PlacedRow, placeSamples, type RowContext } from './place-samples.js';

/** What placing the rows of the ledger needs. */
export interface PlacedRowsDeps {
  readonly ledger: Pick<LedgerRows, 'row'> & Pick<EntryOwners, 'rowOf' | 'ownedBy'>;
  readonly store: AggregateStore;
  /** Told of a row that cannot be read; it is passed over. */
  readonly onDamage?: (error: FarolaError) => void;
}

/** What is known of an epoch, without its rows. */
type EpochContext = Omit<RowContext, 'startRow'>;

/** Rows that are kept read while quarters are made. */
const KEPT_ROWS = 64;

/** The rows of the ledger as samples in their quarters, by what is known of their epochs. What was read is kept until it is forgotten. */
export class PlacedRows {
  readonly #deps: PlacedRowsDeps;
  readonly #read = new Map<number, PlacedRow>();
  readonly #contexts = new Map<number, EpochContext>();

  constructor(deps: PlacedRowsDeps) {
    this.#deps = deps;
  }

  /** The samples of a row in their quarters; nothing of one that cannot be read. */
  placed(key: number): PlacedRow {
    const known = this.#read.get(key);
    if (known) return known;
    const row = this.row(key);
    const placed = row ? this.#placeRow(row) : NOTHING;
    this.#read.set(key, placed);
    const [oldest] = this.#read.keys();
    if (this.#read.size > KEPT_ROWS && oldest !== undefined) this.#read.delete(oldest);
    return placed;
  }

  #placeRow(row: LedgerRow): PlacedRow {
    const { store, ledger } = this.#deps;
    const owned: readonly OwnedRange[] = ledger.ownedBy(row.key);
    return (
      this.spared(() => {
        const context = this.contextOf(row.lcuNo, store.epochNo(row.lcuNo, row.epoch));
        return placeSamples(row, owned, { ...context, startRow: () => ledger.rowOf(row.lcuNo, row.epoch, 1) });
      }) ?? NOTHING
    );
  }

  /** Reads anew what is asked for from now on. */
  forget(): void {
    this.#read.clear();
    this.#contexts.clear();
  }

  /** What is known of an epoch now. */
  contextOf(lcuNo: number, epochNo: number): EpochContext {
    const known = this.#contexts.get(epochNo);
    if (known) return known;
    const context = this.#readContext(lcuNo, epochNo);
    this.#contexts.set(epochNo, context);
    return context;
  }

  #readContext(lcuNo: number, epochNo: number): EpochContext {
    const { store } = this.#deps;
    const facts = store.facts(epochNo);
    const table = epochTable(facts);
    const [first] = facts;
    const start = first?.n === 1 ? epochStart(first) : undefined;
    const anchors = table?.boot ? store.anchors(lcuNo, table.boot) : { contact: undefined, clock: undefined };
    return { ...(store.frame(lcuNo) ?? NO_FRAME), table, start, anchors };
  }

  /** Undefined when it is not there, or cannot be read. */
  row(key: number): LedgerRow | undefined {
    return this.spared(() => this.#deps.ledger.row(key));
  }

  /** Damage in the ledger concerns the rows that lie there; the others are followed. */
  spared<Value>(work: () => Value): Value | undefined {
    try {
      return work();
    } catch (error) {
      const damage = asDamage(error);
      if (!damage) throw error;
      this.#deps.onDamage?.(damage);
      return undefined;
    }
  }
}

/** What was stored was verified and agreed with itself: bytes that cannot be read, or ranges beyond them, are damage. */
function asDamage(error: unknown): FarolaError | undefined {
  if (error instanceof FarolaError) return error.code === 'ledger-corrupt' ? error : undefined;
  if (!(error instanceof MalformedCbor) && !(error instanceof RangeError)) return undefined;
  return new FarolaError('ledger-corrupt', { path: 'ledger', reason: error.message }, { cause: error });
}

const NOTHING: PlacedRow = { placed: [], undated: 0, unplaced: 0, barred: 0 };
const NO_FRAME: LcuFrame = { stays: [], decisions: [] };
