import test from 'ava';
import { encodeItems } from '@farola/shared';
import { EpochLine, type LineSource } from '@farola/collector/api/epoch-line.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { start, TestChain } from '../../fakes/test-chain.js';

const LCU_NO = 0;

/** Epochs without a clock, each of a boot of its own, in a line or a ring. @param isRing whether the first names the last as the one before */
function undated(count: number, isRing: boolean): LineSource & { asked: number } {
  const epochs = Array.from({ length: count }, (_, i) => {
    const chain = new TestChain('malaga-0042', 1);
    chain.epoch.set([i >> 8, i & 255]);
    const boot = new Uint8Array(16).fill(1);
    boot.set([i >> 8, i & 255]);
    const entry = start(boot, []);
    chain.add({ ...entry, at: { ...entry.at, quality: 'none' } });
    return { chain, boot };
  });
  const indexOf = ([high = 0, low = 0]: Uint8Array): number => high * 256 + low;
  const at = (i: number) => epochs[(i + count) % count]!;
  const signed = testAnswer(at(0).chain, 1, 1, { boot: new Uint8Array(16) });
  const source = {
    asked: 0,
    ledger: {
      rowOf(_: number, epoch: Uint8Array) {
        source.asked++;
        const { entries } = at(indexOf(epoch)).chain;
        return { ...signed, key: 1, epoch, entries: encodeItems(entries) };
      },
    },
    derived: {
      anchors: () => ({ contact: undefined, clock: undefined }),
      start(_: number, epoch: Uint8Array) {
        const i = indexOf(epoch);
        const { boot } = at(i);
        const { chain } = at(i - 1);
        const previous = i > 0 || isRing ? { epoch: chain.epoch, n: 1, head: chain.head(0) } : null;
        return { boot, previous, atMs: 0 };
      },
      successors(_: number, epoch: Uint8Array | null) {
        const i = indexOf(epoch ?? new Uint8Array(8));
        if (i === count - 1 && !isRing) return [];
        return [{ epoch: at(i + 1).chain.epoch, afterN: 1, atMs: 0 }];
      },
    },
  };
  return source;
}

for (const length of [1, 2, 100]) {
  test(`security: start entries that name each other in a ring of ${length} end the search for bounds`, (t) => {
    const source = undated(length, true);
    const line = new EpochLine(source, LCU_NO);
    const { after } = line.bounds(new Uint8Array(8).fill(1).fill(0, 0, 2));
    t.is(after, undefined);
  });
}

test('thousands of restarts without any clock or contact are walked once', (t) => {
  const count = 3000;
  const source = undated(count, false);
  const line = new EpochLine(source, LCU_NO);
  for (let i = 0; i < count; i++) {
    const epoch = new Uint8Array(8).fill(1);
    epoch.set([i >> 8, i & 255]);
    const { after, before } = line.bounds(epoch);
    t.is(after, undefined);
    t.is(before === undefined, i === count - 1, 'what comes behind has a receipt');
  }
  t.true(source.asked <= 4 * count, `${source.asked} rows`);
});
