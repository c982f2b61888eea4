import type { Journal, Selection } from '@farola/agent/journal/journal.js';
import { chainHead, chainNext, chainSeed, sameBytes, toHex, type Want } from '@farola/shared';

/** What a collector knows of one epoch. */
interface Known {
  readonly epoch: Uint8Array;
  /** Entry bytes by number. */
  readonly entries: Map<number, string>;
  /** h(n) by number. */
  readonly heads: Map<number, Uint8Array>;
  /** Ends of delivered gaps by their beginning. */
  readonly gaps: Map<number, number>;
}

/**
 * A collector that believes nothing: it checks each range against the chain and against all that it ever saw, and
 * throws an Error at the first contradiction.
 */
export class StrictCollector {
  readonly #lcuId: string;
  readonly #epochs = new Map<string, Known>();

  constructor(lcuId = 'malaga-0042') {
    this.#lcuId = lcuId;
  }

  known(epoch: Uint8Array): Known {
    const name = toHex(epoch);
    const seed = new Map([[0, chainSeed(this.#lcuId, epoch)]]);
    const known = this.#epochs.get(name) ?? {
      epoch: Uint8Array.from(epoch),
      entries: new Map<number, string>(),
      heads: seed,
      gaps: new Map<number, number>(),
    };
    this.#epochs.set(name, known);
    return known;
  }

  /** Asks, checks and keeps. */
  ask(journal: Journal, want: Want): Selection {
    this.takeGaps(journal);
    const range = journal.select(want);
    this.take(range);
    return range;
  }

  /** Checks and keeps the gaps that the journal tells of. */
  takeGaps(journal: Journal): void {
    for (const gap of journal.gaps()) this.#takeGap(gap);
  }

  take({ epoch, from, to, prev, head, entries }: Selection): void {
    const known = this.known(epoch);
    const where = `${toHex(epoch)} ${from}..${to}`;
    if (entries.length !== to - from + 1) throw new Error(`${where} has ${entries.length} entries`);
    if (!sameBytes(chainHead(prev, entries), head)) throw new Error(`${where} does not hash to its head`);
    this.#agree(known, from - 1, prev);
    let h = prev;
    entries.forEach((bytes, index) => {
      const n = from + index;
      h = chainNext(h, bytes);
      this.#agree(known, n, h);
      const text = toHex(bytes);
      const before = known.entries.get(n);
      if (before !== undefined && before !== text) throw new Error(`${where}: entry ${n} has other bytes than before`);
      known.entries.set(n, text);
    });
  }

  /** The n up to which nothing is missing, and h(n). */
  mark(epoch: Uint8Array): { n: number; head: Uint8Array } {
    const known = this.known(epoch);
    let n = 0;
    for (;;) {
      const gapEnd = known.gaps.get(n + 1);
      if (known.entries.has(n + 1)) n++;
      else if (gapEnd !== undefined) n = gapEnd;
      else return { n, head: known.heads.get(n) as Uint8Array };
    }
  }

  #takeGap([epoch, from, to, prev, head]: ReturnType<Journal['gaps']>[number]): void {
    const known = this.known(epoch);
    this.#agree(known, from - 1, prev);
    this.#agree(known, to, head);
    for (let n = from; n <= to; n++) if (!known.gaps.has(n)) known.gaps.set(n, to);
  }

  #agree(known: Known, n: number, head: Uint8Array): void {
    const before = known.heads.get(n);
    if (before && !sameBytes(before, head)) throw new Error(`h(${n}) of ${toHex(known.epoch)} is another than before`);
    known.heads.set(n, Uint8Array.from(head));
  }
}
