import test from 'ava';
import { type Owed, owedEpochs } from '@farola/collector/poll/owed-epochs.js';
import { type PreviousEpoch, toHex } from '@farola/shared';

const epochOf = (number: number): Uint8Array => new Uint8Array(8).fill(number);
const HEAD = new Uint8Array(32);
const nothing = (): boolean => false;

/** Walks as many rounds as an LCU can have polls in five minutes. */
function walk(owed: Owed, previousOf: Parameters<typeof owedEpochs>[1]): Owed {
  let walked = owed;
  for (let poll = 0; poll < 512 && !walked.settled; poll++) walked = owedEpochs(walked, previousOf, nothing, nothing);
  return walked;
}

test('follows start entries back to the first, oldest epoch first', (t) => {
  const previousOf = (epoch: Uint8Array) => {
    const number = epoch[0] as number;
    return number > 1 ? { epoch: epochOf(number - 1), n: number * 10, head: HEAD } : null;
  };
  const { epochs, settled } = walk({ epochs: [], at: epochOf(4), settled: false, passes: 0, walked: [] }, previousOf);
  t.true(settled);
  t.deepEqual(
    epochs.map(({ epoch, n }) => [epoch[0], n]),
    [
      [1, 20],
      [2, 30],
      [3, 40],
    ],
  );
});

for (const length of [1, 2, 60]) {
  test(`security: start entries that name each other in a ring of ${length} end the walk`, (t) => {
    const previousOf = (epoch: Uint8Array) => ({ epoch: epochOf(((epoch[0] as number) + 1) % length), n: 5, head: HEAD });
    const { epochs, settled } = walk({ epochs: [], at: epochOf(0), settled: false, passes: 0, walked: [] }, previousOf);
    t.true(settled);
    t.is(new Set(epochs.map(({ epoch }) => toHex(epoch))).size, epochs.length, 'none is owed twice');
    t.true(epochs.length <= length);
  });
}

test('security: start entries that name ever more epochs, of which none comes, do not let the walk grow', (t) => {
  const wide = (number: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 0, 0, number >> 8, number & 255);
  const numberOf = (epoch: Uint8Array): number => (epoch[6] as number) * 256 + (epoch[7] as number);
  const previousOf = (epoch: Uint8Array) => ({ epoch: wide(numberOf(epoch) + 1), n: 2 ** 40, head: HEAD });
  const { epochs, at } = walk({ epochs: [], at: wide(0), settled: false, passes: 0, walked: [] }, previousOf);
  t.is(epochs.length, 64);
  const filled = new Set(epochs.slice(0, 10).map(({ epoch }) => toHex(epoch)));
  const after = owedEpochs(
    { epochs, at, settled: false, passes: 0, walked: [] },
    previousOf,
    ({ epoch }) => filled.has(toHex(epoch)),
    nothing,
  );
  t.is(after.epochs.length, 64, 'what was filled makes room');
  t.is(numberOf(after.at), numberOf(at) + 10);
});

test('a walk that may pass by what is whole finds what is lacking behind it; one that may not ends there', (t) => {
  const previousOf = (epoch: Uint8Array) => {
    const number = epoch[0] as number;
    return number > 1 ? { epoch: epochOf(number - 1), n: 10, head: HEAD } : null;
  };
  const isWhole = ({ epoch: [number] }: PreviousEpoch): boolean => number !== 3;
  const lacking = (passes: number, walked: readonly Uint8Array[] = []) => {
    const { epochs, settled } = owedEpochs(
      { epochs: [], at: epochOf(9), settled: false, passes, walked },
      previousOf,
      isWhole,
      nothing,
    );
    return [epochs.map(({ epoch }) => epoch[0]), settled];
  };
  t.deepEqual(lacking(0), [[], true]);
  t.deepEqual(lacking(4), [[], true], 'one too few');
  t.deepEqual(lacking(5), [[3], true]);
  t.deepEqual(lacking(1000), [[3], true]);
  t.deepEqual(lacking(1000, [epochOf(5)]), [[], true], 'a walk began there before, and found it');
  t.deepEqual(lacking(1000, [epochOf(4)]), [[], true], 'the same, right before it');
  t.deepEqual(lacking(1000, [epochOf(3)]), [[3], true], 'what is lacking of the epoch itself is still owed');
  t.deepEqual(lacking(1000, [epochOf(9)]), [[], true], 'where it begins itself');
});

test('security: whole epochs that name each other end a walk that may pass them by', (t) => {
  const previousOf = (epoch: Uint8Array) => ({ epoch: epochOf(((epoch[0] as number) + 1) % 3), n: 5, head: HEAD });
  let walked: Owed = { epochs: [], at: epochOf(0), settled: false, passes: 1_000, walked: [] };
  let polls = 0;
  for (; !walked.settled; polls++) walked = owedEpochs(walked, previousOf, () => true, nothing);
  t.is(polls, Math.ceil(1_001 / 64));
});

test('epochs that the LCU no longer has do not keep the walk from those behind them', (t) => {
  const wide = (number: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 0, 0, number >> 8, number & 255);
  const numberOf = (epoch: Uint8Array): number => (epoch[6] as number) * 256 + (epoch[7] as number);
  const previousOf = (epoch: Uint8Array) => {
    const number = numberOf(epoch);
    return number > 0 ? { epoch: wide(number - 1), n: 10, head: HEAD } : null;
  };
  const [filled, gone] = [new Set<number>(), new Set<number>()];
  const isWhole = ({ epoch }: PreviousEpoch): boolean => filled.has(numberOf(epoch));
  const isGone = (epoch: Uint8Array): boolean => gone.has(numberOf(epoch));
  let walked: Owed = { epochs: [], at: wide(1000), settled: false, passes: 0, walked: [] };
  for (let poll = 0; poll < 2000; poll++) {
    walked = owedEpochs(walked, previousOf, isWhole, isGone);
    const next = walked.epochs.find(({ epoch }) => !filled.has(numberOf(epoch)) && !gone.has(numberOf(epoch)));
    if (!next) break;
    const number = numberOf(next.epoch);
    if (number % 8 === 0) gone.add(number);
    else filled.add(number);
  }
  t.is(filled.size + gone.size, 1000, 'each was asked');
});
