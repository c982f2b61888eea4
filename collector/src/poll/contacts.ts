import { type ErrorCode, sameBytes } from '@farola/shared';
import type { Contact, DerivedState } from '../fleet/derived-state.js';

/** How one poll ended. */
export interface PollOutcome {
  readonly verdict: 'ok' | ErrorCode;
  readonly atMs: number;
  readonly entriesStored: number;
  /** Entries that the LCU still holds unacknowledged; undefined when the answer was not good. */
  readonly backlog: number | undefined;
  /** What the LCU said of its code; undefined when the answer was not good. */
  readonly codeHash: Uint8Array | null | undefined;
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
  record(lcuNo: number, { verdict, atMs, entriesStored, backlog, codeHash }: PollOutcome): void {
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
      codeHash: codeHash === undefined ? last.codeHash : kept(codeHash, last.codeHash),
    });
    this.#changed.add(lcuNo);
  }

  /** Entries that LCUs held unacknowledged at their last good answers, of those polled since the start. */
  get backlog(): number {
    let sum = 0;
    for (const { backlog } of this.#known.values()) sum += backlog;
    return sum;
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
    codeHash: null,
  };
}

/** The hash as it is known already, or a copy, so that 32 bytes do not keep a whole answer in memory. */
function kept(codeHash: Uint8Array | null, last: Uint8Array | null): Uint8Array | null {
  if (codeHash === null) return null;
  return last && sameBytes(codeHash, last) ? last : new Uint8Array(codeHash);
}
