import { deriveFromAnswer } from '../fleet/derive-change.js';
import type {
  Contact,
  DerivedChange,
  DerivedChanges,
  EpochReader,
  EpochStart,
  EventFact,
  LatestSample,
  NewAnchor,
  PlatformFact,
  Successor,
  SuccessorsAsked,
  TableFact,
} from '../fleet/derived-state.js';
import { SLOTS_TAKEN_AGAIN } from '../fleet/rebuild-derived.js';
import { ledgerKey, ledgerKeyParts, slotOf } from '../ledger/ledger-key.js';
import type { CommittedAnswer } from '../ledger/group-commit.js';
import type { Contacts } from './contacts.js';
import type { AnswerToStore } from './take-answer.js';

/** So many times what is gathered may wait where it cannot be written. Beyond, nothing more is stored: LCUs keep what they have. */
const GATHERED_MOST = 16;

type WritableState = DerivedChanges & Pick<EpochReader, 'start' | 'successors'>;

/** What waits to be written. */
interface Waiting {
  answers: number;
  /** When the first of them was received, ms; undefined when none waits. */
  sinceMs: number | undefined;
  contacts: Map<number, Contact>;
  latest: LatestSample[];
  tables: TableFact[];
  events: EventFact[];
  anchors: NewAnchor[];
  platforms: PlatformFact[];
  upToKey: number | null;
}

/**
 * Writes what committed answers and ended polls change in the derived state. Several commits are gathered into one
 * write; what a crash takes is derived again from the ledger at the next start, and what could not be written stays and
 * is written with the next, so that nothing is ever passed over.
 */
export class DerivedWriter {
  readonly #state: WritableState;
  readonly #contacts: Contacts;
  readonly #atATime: number;
  readonly #onEvents: (events: readonly EventFact[]) => void;
  #waiting = nothing();
  /** When so many answers wait it is tried again; undefined while what waits can be written. */
  #failed: { readonly error: unknown; readonly nextAt: number } | undefined;
  /** As the state has it; not asked yet: undefined. */
  #applied: number | undefined;

  /**
   * @param atATime answers that are gathered before they are written; fewer wait for `flush`
   * @param onEvents told of each event at most once, when it is written: one that was written right before a kill is not told
   */
  constructor(
    state: WritableState,
    contacts: Contacts,
    atATime = 1,
    onEvents: (events: readonly EventFact[]) => void = () => undefined,
  ) {
    this.#state = state;
    this.#contacts = contacts;
    this.#atATime = atATime;
    this.#onEvents = onEvents;
  }

  /**
   * Told of answers before they are stored. Where the wall clock went back beyond what a start takes in again, that is
   * noted first, so that a crash right after the commit loses nothing. Throws what the state throws; and what it threw last where
   * too much waits for it.
   */
  storing(batch: readonly Pick<AnswerToStore, 'receivedAtMs'>[]): void {
    if (this.#failed && this.#waiting.answers >= GATHERED_MOST * this.#atATime) throw this.#failed.error;
    const slot = slotOf(Math.min(...batch.map(({ receivedAtMs }) => receivedAtMs)));
    if (slot >= ledgerKeyParts(this.#appliedKey()).slot - SLOTS_TAKEN_AGAIN) return;
    this.#apply({ ...nothing(), contacts: [], upToKey: ledgerKey({ slot, lcuNo: 0, ordinal: 0 }) });
  }

  /** Takes a committed batch in: tables, latest samples, and the contacts that changed until now. */
  committed(batch: readonly CommittedAnswer<AnswerToStore>[]): void {
    const waiting = this.#waiting;
    for (const { answer, key } of batch) {
      const { lcuNo, receivedAtMs, epoch, parsed, first, items, adds, start, standing } = answer;
      const change = deriveFromAnswer({
        lcuNo,
        receivedAtMs,
        epoch,
        answer: parsed,
        first,
        entries: items,
        adds,
        start,
        standing,
      });
      waiting.latest.push(...change.latest);
      waiting.tables.push(...change.tables);
      waiting.events.push(...change.events);
      waiting.anchors.push(...change.anchors);
      waiting.platforms.push(...change.platforms);
      waiting.upToKey = Math.max(waiting.upToKey ?? 0, key);
    }
    waiting.answers += batch.length;
    waiting.sinceMs ??= batch[0]?.answer.receivedAtMs;
    if (waiting.answers >= (this.#failed?.nextAt ?? this.#atATime)) this.flush();
  }

  /** When the oldest answer that waits was received, wall time in ms; undefined when none waits. */
  get waitingSinceMs(): number | undefined {
    return this.#waiting.sinceMs;
  }

  /** See DerivedState.start; after every answer that was committed. */
  start(lcuNo: number, epoch: Uint8Array): EpochStart | undefined {
    this.#writeTables();
    return this.#state.start(lcuNo, epoch);
  }

  /** See DerivedState.successors; after every answer that was committed. */
  successors(lcuNo: number, epoch: Uint8Array | null, asked: SuccessorsAsked): readonly Successor[] {
    this.#writeTables();
    return this.#state.successors(lcuNo, epoch, asked);
  }

  /** A question about epochs needs the tables that wait. What failed is not tried at each question: `flush` and more answers do. */
  #writeTables(): void {
    if (this.#waiting.tables.length === 0) return;
    if (this.#failed && this.#waiting.answers < this.#failed.nextAt) throw this.#failed.error;
    this.flush();
  }

  /** Writes what waits. Throws what the state throws; then all of it waits on. */
  flush(): void {
    const waiting = this.#waiting;
    for (const contact of this.#contacts.takeChanged()) waiting.contacts.set(contact.lcuNo, contact);
    if (waiting.contacts.size === 0 && waiting.answers === 0) return;
    const { latest, tables, events, anchors, platforms, upToKey } = waiting;
    const contacts = [...waiting.contacts.values()];
    const fresh = this.#tried({ contacts, latest, tables, events, anchors, platforms, upToKey });
    this.#waiting = nothing();
    if (fresh.length > 0) this.#onEvents(fresh);
  }

  #tried(change: DerivedChange): readonly EventFact[] {
    try {
      const fresh = this.#apply(change);
      this.#failed = undefined;
      return fresh;
    } catch (error) {
      this.#failed = { error, nextAt: this.#waiting.answers + this.#atATime };
      throw error;
    }
  }

  #apply(change: DerivedChange): readonly EventFact[] {
    const fresh = this.#state.apply(change);
    this.#applied = change.upToKey ?? this.#applied;
    return fresh;
  }

  #appliedKey(): number {
    this.#applied ??= this.#state.appliedKey();
    return this.#applied;
  }
}

function nothing(): Waiting {
  const contacts = new Map<number, Contact>();
  return {
    answers: 0,
    sinceMs: undefined,
    contacts,
    latest: [],
    tables: [],
    events: [],
    anchors: [],
    platforms: [],
    upToKey: null,
  };
}
