import type { Disagreement, Journal, JournalSize, Selection } from '@farola/agent/journal/journal.js';
import type { PastSample, PastWish } from '@farola/agent/journal/past-samples.js';
import {
  type Ack,
  type GapRecord,
  GAP_REASON,
  type KnownEntry,
  type OpenEpoch,
  type PreviousEpoch,
  sha256,
  toHex,
  WANT,
  type Want,
} from '@farola/shared';
import type { HistoryUnit } from './history-unit.js';

/** A real journal, of which is noted what it lost and what it was acknowledged; that of a liar tells gaps beyond its own. */
export class WatchedJournal implements Journal {
  /** Polls that were answered since somebody began to count. */
  polls = 0;
  readonly #journal: Journal;
  readonly #unit: HistoryUnit;

  constructor(journal: Journal, unit: HistoryUnit) {
    this.#journal = journal;
    this.#unit = unit;
  }

  get epoch(): Uint8Array {
    return this.#journal.epoch;
  }

  get end(): PreviousEpoch {
    return this.#journal.end;
  }

  append(entry: KnownEntry): number {
    return this.#journal.append(entry);
  }

  beginEpoch(): void {
    throw new TypeError('it has begun');
  }

  applyAcks(acks: readonly Ack[]): readonly Disagreement[] {
    this.#noteGone();
    const listed = this.#journal.openEpochs();
    const disagree = this.#journal.applyAcks(acks);
    this.#noteGone();
    for (const [epoch, n] of acks) {
      const name = toHex(epoch);
      const open = listed.find(([of]) => toHex(of) === name);
      if (!open || n < open[1] || disagree.some((one) => toHex(one.epoch) === name)) continue;
      this.#unit.world.oracle.acknowledged(this.#unit, name, open[1], n);
    }
    return disagree;
  }

  pastSamples(wish: PastWish): readonly PastSample[] {
    return this.#journal.pastSamples(wish);
  }

  select(want: Want): Selection {
    this.polls++;
    return this.#journal.select(want);
  }

  openEpochs(): readonly OpenEpoch[] {
    return this.#journal.openEpochs();
  }

  gaps(): readonly GapRecord[] {
    const gaps = this.#noteGone();
    return this.#unit.lies ? [...gaps, ...this.#lie()] : gaps;
  }

  size(): JournalSize {
    return this.#journal.size();
  }

  close(): void {
    this.#journal.close();
  }

  #noteGone(): readonly GapRecord[] {
    const gaps = this.#journal.gaps();
    for (const [epoch, from, to] of gaps) for (let n = from; n <= to; n++) this.#unit.gone.add(`${toHex(epoch)}/${n}`);
    return gaps;
  }

  /** A gap over entries that it has, with the true heads at its ends or with others. */
  #lie(): GapRecord[] {
    const { dice } = this.#unit.world;
    const listed = this.#journal.openEpochs();
    const [epoch, first, last] = dice.pick(listed);
    if (dice.oneIn(3) || last <= first) return [];
    const from = first + dice.below(last - first + 1);
    const { to, prev, head } = this.#journal.select([WANT.range, epoch, from - 1, from + 1 + dice.below(last - from + 1)]);
    if (to < from) return [];
    const told = (true_: Uint8Array): Uint8Array => (dice.oneIn(4) && from > 1 ? sha256(true_) : true_);
    return [[epoch, from, to, told(prev), told(head), GAP_REASON.evicted]];
  }
}
