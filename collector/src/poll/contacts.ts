import type { ErrorCode } from '@farola/shared';
import type { Contact, DerivedState } from '../fleet/fleet.js';

/** How one poll ended. */
export interface PollOutcome {
  readonly verdict: 'ok' | ErrorCode;
  readonly atMs: number;
  readonly entriesStored: number;
  /** Entries that the LCU still holds unacknowledged; undefined when the answer was not good. */
  readonly backlog: number | undefined;
}

/** The contact of each LCU, in memory; what changed is handed out for the next write. */
export class Contacts {
  readonly #state: Pick<DerivedState, 'contact'>;
  readonly #known = new Map<number, Contact>();
  readonly #changed = new Set<number>();

  constructor(state: Pick<DerivedState, 'contact'>) {
    this.#state = state;
  }

  /** Takes the outcome of one poll in. */
  record(lcuNo: number, { verdict, atMs, entriesStored, backlog }: PollOutcome): void {
    const last = this.#known.get(lcuNo) ?? this.#state.contact(lcuNo) ?? newContact(lcuNo);
    const good = verdict === 'ok';
    this.#known.set(lcuNo, {
      lcuNo,
      verdict,
      lastAtMs: atMs,
      lastGoodAtMs: good ? atMs : last.lastGoodAtMs,
      answersOk: last.answersOk + Number(good),
      answersRefused: last.answersRefused + Number(!good),
      entriesStored: last.entriesStored + entriesStored,
      backlog: backlog ?? last.backlog,
    });
    this.#changed.add(lcuNo);
  }

  /** The contacts that changed since the last call. */
  takeChanged(): Contact[] {
    const contacts = [...this.#changed].flatMap((lcuNo) => this.#known.get(lcuNo) ?? []);
    this.#changed.clear();
    return contacts;
  }
}

function newContact(lcuNo: number): Contact {
  return {
    lcuNo,
    verdict: 'ok',
    lastAtMs: 0,
    lastGoodAtMs: null,
    answersOk: 0,
    answersRefused: 0,
    entriesStored: 0,
    backlog: 0,
  };
}
