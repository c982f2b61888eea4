import test from 'ava';
import { WANT, type Want } from '@farola/shared';
import { isListed, Withheld } from '@farola/collector/poll/withheld.js';

const epochOf = (number: number): Uint8Array => new Uint8Array(8).fill(number);
const range = (epoch: number, from: number, to: number): Want => [WANT.range, epochOf(epoch), from - 1, to + 1];

const ROUND_MS = 300_000;

/** What is told when ranges are asked, each a round after the one before. */
function scene(): { asked: (lcuNo: number, want: Want, afterMs?: number) => unknown } {
  let monoMs = 0;
  const withheld = new Withheld({ now: () => ({ monoMs, wallMs: 0, quality: 'none' }) }, ROUND_MS);
  return {
    asked(lcuNo, want, afterMs = ROUND_MS) {
      monoMs += afterMs;
      return withheld.asked(lcuNo, want);
    },
  };
}

test('a hole that was asked in vain in three rounds is told, once', (t) => {
  const { asked } = scene();
  const told = [1, 2, 3, 4, 5].map(() => asked(7, range(1, 5, 9)));
  const facts = { epoch: '01'.repeat(8), from: 5, to: 9, rounds: 3 };
  t.deepEqual(told, [undefined, undefined, facts, undefined, undefined]);
});

test('rounds that connections begin count when nine tenths of a round have passed', (t) => {
  const { asked } = scene();
  const want = range(1, 5, 9);
  for (let connection = 0; connection < 20; connection++) t.is(asked(7, want, 1000), undefined);
  t.is(asked(7, want, 0.9 * ROUND_MS - 19_001), undefined, 'a millisecond before');
  t.is(asked(7, want, 1), undefined, 'the second');
  t.is(asked(7, want, 0.9 * ROUND_MS - 1), undefined);
  t.truthy(asked(7, want, 1), 'the third');
});

test('what was asked each time is what is told; a hole elsewhere, of another epoch or LCU is another one', (t) => {
  const { asked } = scene();
  t.is(asked(7, range(1, 5, 9)), undefined);
  t.is(asked(7, range(1, 6, 12)), undefined);
  t.like(asked(7, range(1, 5, 8)), { from: 6, to: 8 }, 'who lists another first one each time is counted');
  t.is(asked(7, range(1, 9, 12)), undefined, 'behind it is another hole');
  t.is(asked(7, range(1, 9, 12)), undefined);
  t.is(asked(7, range(2, 9, 12)), undefined);
  t.is(asked(8, range(1, 9, 12)), undefined);
  t.like(asked(7, range(1, 9, 12)), { from: 9, to: 12 });
});

test('of an LCU that names ever new epochs the last 64 are counted', (t) => {
  const { asked } = scene();
  for (let round = 0; round < 2; round++) asked(7, range(0, 1, 9));
  for (let epoch = 1; epoch <= 64; epoch++) asked(7, range(epoch, 1, 9));
  t.is(asked(7, range(0, 1, 9)), undefined, 'it was forgotten');
  for (let epoch = 2; epoch <= 64; epoch++) asked(7, range(epoch, 1, 9));
  t.truthy(asked(7, range(64, 1, 9)));
});

test('what is newest is never withheld: an LCU may have nothing new', (t) => {
  const { asked } = scene();
  for (let round = 0; round < 4; round++) t.is(asked(7, [WANT.newest, epochOf(1), 5]), undefined);
});

test('a range is listed when the LCU says that it has all of it', (t) => {
  const listed = [[epochOf(1), 5, 9]] as const;
  t.true(isListed(range(1, 5, 9), listed));
  t.true(isListed(range(1, 6, 7), listed));
  t.false(isListed(range(1, 4, 9), listed));
  t.false(isListed(range(1, 5, 10), listed));
  t.false(isListed(range(2, 5, 9), listed));
  t.false(isListed([WANT.newest, epochOf(1), 5], listed));
});
