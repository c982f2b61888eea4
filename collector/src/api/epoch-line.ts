import { ANSWER, cutItems, cutOut, decodeEntry, type Instant, parseMessage, sameBytes, toHex } from '@farola/shared';
import type { EpochReader, EpochStart } from '../fleet/derived-state.js';
import type { EntryOwners, LedgerRow } from '../ledger/ledger.js';
import { type Bound, earliest, type EpochBounds, latest } from './bound.js';
import { type Circumstances, dateByContact, dateSample } from './date-sample.js';

/** What bounds are found in. */
export interface LineSource {
  readonly ledger: Pick<EntryOwners, 'rowOf'>;
  readonly derived: Pick<EpochReader, 'start' | 'successors' | 'anchors'>;
}

/** An entry that is stored, and when it was taken, as far as a contact or a clock in its own boot tells. */
interface Moment {
  readonly monoMs: number;
  readonly receivedAtMs: number;
  readonly dated: Pick<Bound, 'wallMs' | 'byContact'> | undefined;
}

/** How an epoch hangs on the one before it, or after it. */
interface Link {
  readonly epoch: Uint8Array;
  readonly next: Uint8Array;
  /** The bound of `epoch`, from that of `next` where it takes one. */
  readonly bound: (ofNext: Bound | undefined) => Bound | undefined;
  /** Whether it does. */
  readonly goesOn: boolean;
}

/**
 * The line of epochs of one LCU as it bounds those whose clock was never right: an epoch began after what is dated of
 * those before it, and ended before what is dated of those behind it.
 */
export class EpochLine {
  readonly #source: LineSource;
  readonly #lcuNo: number;
  readonly #after = new Map<string, Bound | undefined>();
  readonly #before = new Map<string, Bound | undefined>();

  constructor(source: LineSource, lcuNo: number) {
    this.#source = source;
    this.#lcuNo = lcuNo;
  }

  /** What the samples of an epoch were taken between. */
  bounds(epoch: Uint8Array): EpochBounds {
    return {
      after: follow(epoch, this.#after, (one) => this.#linkBack(one)),
      before: follow(epoch, this.#before, (one) => this.#linkOn(one)),
    };
  }

  #linkBack(epoch: Uint8Array): Link | undefined {
    const start = this.#start(epoch);
    const previous = start?.previous;
    if (!start || !previous) return undefined;
    const last = this.#moment(previous.epoch, previous.n);
    const earlier = this.#start(previous.epoch);
    const contact = earlier && this.#source.derived.anchors(this.#lcuNo, earlier.boot).contact;
    const known = last?.dated ? { ...last.dated, monoMs: last.monoMs } : contact && { ...contact, byContact: true };
    const bound = (ofNext: Bound | undefined): Bound | undefined => {
      const end = known ?? (ofNext && { ...ofNext, wallMs: earliest(ofNext, last?.monoMs), monoMs: last?.monoMs ?? null });
      if (!end || isOfBoot(earlier, start)) return end;
      return { ...end, monoMs: earlier ? 0 : (this.#moment(epoch, 1)?.monoMs ?? null) };
    };
    return { epoch, next: previous.epoch, bound, goesOn: known === undefined };
  }

  #linkOn(epoch: Uint8Array): Link | undefined {
    const [successor] = this.#source.derived.successors(this.#lcuNo, epoch, { limit: 1 });
    const first = successor && this.#moment(successor.epoch, 1);
    const next = successor && this.#start(successor.epoch);
    if (!successor || !first || !next) return undefined;
    const start = this.#start(epoch);
    const last = this.#moment(epoch, successor.afterN);
    const bound = (ofNext: Bound | undefined): Bound => {
      const received = { wallMs: first.receivedAtMs, byContact: true };
      const begun = first.dated ?? sooner(received, ofNext && { ...ofNext, wallMs: latest(ofNext, first.monoMs) });
      if (isOfBoot(start, next)) return { ...begun, monoMs: first.monoMs };
      return { ...begun, wallMs: begun.wallMs - (start ? first.monoMs : 0), monoMs: last?.monoMs ?? null };
    };
    return { epoch, next: successor.epoch, bound, goesOn: first.dated === undefined };
  }

  #start(epoch: Uint8Array): EpochStart | undefined {
    return this.#source.derived.start(this.#lcuNo, epoch);
  }

  #moment(epoch: Uint8Array, n: number): Moment | undefined {
    const row = n > 0 ? this.#source.ledger.rowOf(this.#lcuNo, epoch, n) : undefined;
    const bytes = row && cutItems(row.entries).items[n - row.first];
    const entry = bytes && decodeEntry(bytes);
    if (!row || !entry || entry.kind === 'unknown') return undefined;
    const { receivedAtMs } = row;
    return { monoMs: entry.at.monoMs, receivedAtMs, dated: dated(entry.at, this.#circumstances(epoch, row, entry.at)) };
  }

  #circumstances(epoch: Uint8Array, row: LedgerRow, { monoMs }: Instant): Circumstances {
    const boot = this.#start(epoch)?.boot;
    const nowMs = boot && monoAtAnswer(row, boot);
    const anchors = boot && this.#source.derived.anchors(this.#lcuNo, boot);
    return { receivedAtMs: row.receivedAtMs, ageMs: nowMs === undefined ? undefined : nowMs - monoMs, anchors };
  }
}

/** Monotonic time in the answer of a row, ms; undefined when it is of another boot. */
export function monoAtAnswer({ answer }: LedgerRow, boot: Uint8Array): number | undefined {
  const parsed = parseMessage(ANSWER, cutOut(answer).payload);
  return parsed.ok && sameBytes(parsed.value.boot, boot) ? parsed.value.now[0] : undefined;
}

/** Follows links from an epoch until one is dated, and hands the bounds back along them. A ring ends where it began. */
function follow(
  epoch: Uint8Array,
  known: Map<string, Bound | undefined>,
  linkOf: (epoch: Uint8Array) => Link | undefined,
): Bound | undefined {
  const path: Link[] = [];
  for (let at = epoch; !known.has(toHex(at));) {
    known.set(toHex(at), undefined);
    const link = linkOf(at);
    if (!link) break;
    path.push(link);
    if (!link.goesOn) break;
    at = link.next;
  }
  for (const link of path.toReversed()) known.set(toHex(link.epoch), link.bound(known.get(toHex(link.next))));
  return known.get(toHex(epoch));
}

function dated(at: Instant, known: Circumstances): Moment['dated'] {
  const byContact = dateByContact(at, known);
  if (byContact !== null) return { wallMs: byContact, byContact: true };
  const { takenAtMs, dating } = dateSample({ at }, known);
  return dating === 'unknown' ? undefined : { wallMs: takenAtMs, byContact: false };
}

function isOfBoot(start: EpochStart | undefined, other: EpochStart): boolean {
  return start !== undefined && sameBytes(start.boot, other.boot);
}

function sooner<One extends Pick<Bound, 'wallMs' | 'byContact'>>(a: One, b: One | undefined): One {
  return b && b.wallMs < a.wallMs ? b : a;
}
