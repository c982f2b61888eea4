import type { LedgerReader, LedgerRow } from '../ledger/ledger.js';
import { standingAt } from './counting.js';
import { type AnswerChange, deriveFromAnswer } from './derive-change.js';
import type { Contact, DerivedChange, DerivedChanges, EventFact, LatestReader } from './derived-state.js';
import { KnownThen } from './known-then.js';
import { answerOf, storedRow } from './stored-row.js';

/** What is made anew. */
type RebuiltState = DerivedChanges & Pick<LatestReader, 'contact'>;

/** What a rebuild needs. */
export interface RebuildDeps {
  readonly ledger: LedgerReader;
  readonly derived: RebuiltState;
  /** Told of events that were not known. */
  readonly onEvents?: (events: readonly EventFact[]) => void;
}

/** Rows that one transaction takes. */
const BATCH_ROWS = 256;
/** Slots of the ledger before that of the applied key that are taken in again. */
export const SLOTS_TAKEN_AGAIN = 1;
/** A slot of the ledger in keys (ledger-key.ts): 2^20 LCUs with 2^9 answers each. */
const SLOT_KEYS = 2 ** 29;

const NOTHING: DerivedChange = { contacts: [], latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: null };

/**
 * Brings the derived state up to the ledger: takes in again the rows from the slot before that of the applied key on.
 * Rows that were taken in change nothing. What is reached is noted at the end, since files need not follow each other in
 * time. Returns how many rows were looked at. Errors: those of both ports.
 */
export function rebuildDerived({ ledger, derived, onEvents = () => undefined }: RebuildDeps): number {
  const slot = Math.floor(derived.appliedKey() / SLOT_KEYS);
  const from = Math.max(0, slot - SLOTS_TAKEN_AGAIN) * SLOT_KEYS;
  const known = new KnownThen(ledger);
  let count = 0;
  let highest = 0;
  for (const batch of batchesOf(ledger.rowsFrom(from), Number.MAX_SAFE_INTEGER)) {
    onEvents(applyRows(batch, known, derived));
    count += batch.length;
    highest = Math.max(highest, ...batch.map(({ key }) => key));
  }
  if (count > 0) derived.apply({ ...NOTHING, upToKey: highest });
  return count;
}

/** What is made anew, and from what. */
export interface DeriveAnewDeps {
  readonly ledger: LedgerReader;
  /** Empty. */
  readonly derived: RebuiltState;
  /** The last key that is taken in, and is noted as such also where the ledger lacks it now; undefined for all. */
  readonly upToKey: number | undefined;
}

/** Makes the derived state from the rows of the ledger, the first to the last. Yields after each transaction. */
export function* deriveAnew({ ledger, derived, upToKey }: DeriveAnewDeps): Generator<{ rows: number; share: number }> {
  const span = ledger.keySpan();
  const lastKey = Math.min(upToKey ?? span.last, span.last);
  const known = new KnownThen(ledger);
  let rows = 0;
  let highest = 0;
  for (const batch of batchesOf(ledger.rowsFrom(0), upToKey ?? Number.MAX_SAFE_INTEGER)) {
    applyRows(batch, known, derived, true);
    rows += batch.length;
    highest = Math.max(highest, ...batch.map(({ key }) => key));
    yield { rows, share: ((batch.at(-1)?.key ?? 0) - span.first + 1) / (lastKey - span.first + 1) };
  }
  if (upToKey !== undefined || rows > 0) derived.apply({ ...NOTHING, upToKey: upToKey ?? highest });
}

function* batchesOf(rows: Iterable<LedgerRow>, upToKey: number): Generator<LedgerRow[]> {
  let batch: LedgerRow[] = [];
  for (const row of rows) {
    if (row.key > upToKey) continue;
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** @param anew whether every row is one that was never counted */
function applyRows(rows: readonly LedgerRow[], known: KnownThen, derived: RebuiltState, anew = false): readonly EventFact[] {
  const contacts = new Map<number, Contact>();
  const changes = rows.map((row) => {
    const change = changeOf(row, known);
    const contact = contacts.get(row.lcuNo) ?? derived.contact(row.lcuNo);
    if (anew || row.receivedAtMs > (contact?.lastGoodAtMs ?? -1)) contacts.set(row.lcuNo, counted(row, contact, change));
    return change;
  });
  return derived.apply({
    contacts: [...contacts.values()],
    latest: changes.flatMap(({ latest }) => latest),
    tables: changes.flatMap(({ tables }) => tables),
    events: changes.flatMap(({ events }) => events),
    anchors: changes.flatMap(({ anchors }) => anchors),
    platforms: changes.flatMap(({ platforms }) => platforms),
    upToKey: null,
  });
}

function changeOf(row: LedgerRow, known: KnownThen): AnswerChange {
  const answer = answerOf(row);
  const stored = { ...storedRow(row, known.ownedBy(row)), answer };
  const standing = standingAt(known.decisions(row.lcuNo), row, () => known.startRow(row));
  return deriveFromAnswer({ ...stored, start: known.start(row, answer), standing });
}

/** A row received after the last good answer that was counted is not counted yet. */
function counted(row: LedgerRow, before: Contact | undefined, { entriesStored }: AnswerChange): Contact {
  const { lcuNo, receivedAtMs } = row;
  return {
    lcuNo,
    verdict: 'ok',
    lastAtMs: Math.max(receivedAtMs, before?.lastAtMs ?? 0),
    lastGoodAtMs: receivedAtMs,
    answersOk: (before?.answersOk ?? 0) + 1,
    answersRefused: before?.answersRefused ?? 0,
    entriesStored: (before?.entriesStored ?? 0) + entriesStored,
    backlog: before?.backlog ?? 0,
    codeHash: answerOf(row).codeHash,
  };
}
