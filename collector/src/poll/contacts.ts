import { type ErrorCode, sameBytes } from '@farola/shared';
import type { Contact, LatestReader } from '../fleet/derived-state.js';

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
  readonly #state: Pick<LatestReader, 'contact'>;
  readonly #known = new Map<number, LiveContact>();
  readonly #changed = new Set<LiveContact>();

  constructor(state: Pick<LatestReader, 'contact'>) {
    this.#state = state;
  }

  /** Takes the outcome of one poll in. */
  record(lcuNo: number, { verdict, atMs, entriesStored, backlog, codeHash }: PollOutcome): void {
    const contact = this.#contactOf(lcuNo);
    contact.verdict = verdict;
    contact.lastAtMs = atMs;
    contact.entriesStored += entriesStored;
    if (verdict === 'ok') {
      contact.lastGoodAtMs = atMs;
      contact.answersOk++;
    } else contact.answersRefused++;
    if (backlog !== undefined) contact.backlog = backlog;
    if (codeHash !== undefined) contact.codeHash = kept(codeHash, contact.codeHash);
    this.#changed.add(contact);
  }

  /** Entries that LCUs held unacknowledged at their last good answers, of those polled since the start. */
  get backlog(): number {
    let sum = 0;
    for (const { backlog } of this.#known.values()) sum += backlog;
    return sum;
  }

  /** The contacts that changed since the last call; they go on changing. */
  takeChanged(): Contact[] {
    const contacts = [...this.#changed];
    this.#changed.clear();
    return contacts;
  }

  #contactOf(lcuNo: number): LiveContact {
    const known = this.#known.get(lcuNo);
    if (known) return known;
    const contact = { ...(this.#state.contact(lcuNo) ?? newContact(lcuNo)) };
    this.#known.set(lcuNo, contact);
    return contact;
  }
}

/** Changed in place: in place of an object for each poll there is one for each LCU. */
type LiveContact = { -readonly [Field in keyof Contact]: Contact[Field] };

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
