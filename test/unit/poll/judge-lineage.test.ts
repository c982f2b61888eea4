import test from 'ava';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { type Delivered, judgeLineage, type KnownLineage, SIBLINGS } from '@farola/collector/poll/judge-lineage.js';
import { encodeEntry, type PreviousEpoch, toHex } from '@farola/shared';
import { start } from '../../fakes/test-chain.js';

const HEAD = new Uint8Array(32).fill(7);
const ENTRY = encodeEntry(start(new Uint8Array(16), []));

function epochNo(no: number): Uint8Array {
  const epoch = new Uint8Array(8);
  new DataView(epoch.buffer).setUint32(0, no);
  return epoch;
}

/** A collector that holds the one entry of each epoch that it was told, and counts what it is asked. */
class Known implements KnownLineage {
  readonly #begun: { epoch: Uint8Array; previous: PreviousEpoch | null; atMs: number }[] = [];
  asked = 0;

  /** An epoch of one entry delivers it. */
  deliver(no: number, previous: PreviousEpoch | null): ReturnType<typeof judgeLineage> {
    const epoch = epochNo(no);
    const delivered: Delivered = {
      epoch,
      adds: [{ from: 1, to: 1, prev: HEAD, head: HEAD }],
      start: { previous, atMs: no },
      startIsNew: true,
      headAt: (n) => (n < 2 ? HEAD : undefined),
    };
    this.asked = 0;
    const finding = judgeLineage(delivered, this);
    this.#begun.unshift({ epoch, previous, atMs: no });
    return finding;
  }

  holdingOf(epoch: Uint8Array): EpochHolding {
    this.asked++;
    const isHeld = this.#begun.some((one) => toHex(one.epoch) === toHex(epoch));
    return isHeld ? EpochHolding.EMPTY.with({ from: 1, to: 1, prev: HEAD, head: HEAD }) : EpochHolding.EMPTY;
  }

  headAt(): Uint8Array {
    this.asked++;
    return HEAD;
  }

  entryAt(): Uint8Array {
    this.asked++;
    return ENTRY;
  }

  previousOf(): PreviousEpoch | null {
    this.asked++;
    return null;
  }

  successorsOf(of: Uint8Array | null): { epoch: Uint8Array; afterN: number; atMs: number }[] {
    this.asked++;
    const named = this.#begun.filter(({ previous }) => (of && previous ? toHex(of) === toHex(previous.epoch) : of === previous));
    return named.slice(0, SIBLINGS + 1).map(({ epoch, previous, atMs }) => ({ epoch, afterN: previous?.n ?? 0, atMs }));
  }
}

for (const [what, previous] of [
  ['no epoch', null],
  ['one epoch', { epoch: epochNo(0), n: 1, head: HEAD }],
] as const) {
  test(`security: a handful of empty epochs that name ${what} before them is told, one more is grave`, (t) => {
    const known = new Known();
    if (previous) known.deliver(0, null);
    t.is(known.deliver(1, previous), undefined);
    for (let no = 2; no <= SIBLINGS + 1; no++) t.like(known.deliver(no, previous), { code: 'state-went-back', grave: false });
    const most = known.asked;
    for (let no = SIBLINGS + 2; no < 200; no++) {
      t.like(known.deliver(no, previous), { code: 'state-went-back', grave: true, facts: { lost: 'an unknown length' } });
      t.true(known.asked <= most);
    }
  });
}

test('a thousand power cuts, each empty epoch naming the one before it, is nothing to tell', (t) => {
  const known = new Known();
  t.is(known.deliver(0, null), undefined);
  for (let no = 1; no <= 1000; no++) {
    t.is(known.deliver(no, { epoch: epochNo(no - 1), n: 1, head: HEAD }), undefined);
    t.true(known.asked <= 6, `${known.asked} questions`);
  }
});
