import test from 'ava';
import { WANT, type Want } from '@farola/shared';
import { isListed, Withheld } from '@farola/collector/poll/withheld.js';

const epochOf = (number: number): Uint8Array => new Uint8Array(8).fill(number);
const range = (epoch: number, from: number, to: number): Want => [WANT.range, epochOf(epoch), from - 1, to + 1];

test('a hole that was asked in vain in three rounds is told, once', (t) => {
  const withheld = new Withheld();
  const told = [1, 2, 3, 4, 5].map(() => withheld.asked(7, range(1, 5, 9)));
  const facts = { epoch: '01'.repeat(8), from: 5, to: 9, rounds: 3 };
  t.deepEqual(told, [undefined, undefined, facts, undefined, undefined]);
});

test('a hole that begins elsewhere is another one, and each LCU and epoch has its own', (t) => {
  const withheld = new Withheld();
  for (const from of [5, 6, 5, 6]) t.is(withheld.asked(7, range(1, from, 9)), undefined);
  withheld.asked(7, range(2, 1, 9));
  withheld.asked(8, range(2, 1, 9));
  withheld.asked(7, range(2, 1, 9));
  t.is(withheld.asked(8, range(2, 1, 9)), undefined);
  t.like(withheld.asked(7, range(2, 1, 8)), { from: 1, to: 8 }, 'what is asked may end elsewhere');
});

test('of an LCU that names ever new epochs the last 64 are counted', (t) => {
  const withheld = new Withheld();
  for (let round = 0; round < 2; round++) withheld.asked(7, range(0, 1, 9));
  for (let epoch = 1; epoch <= 64; epoch++) withheld.asked(7, range(epoch, 1, 9));
  t.is(withheld.asked(7, range(0, 1, 9)), undefined, 'it was forgotten');
  for (let epoch = 2; epoch <= 64; epoch++) withheld.asked(7, range(epoch, 1, 9));
  t.truthy(withheld.asked(7, range(64, 1, 9)));
});

test('what is newest is never withheld: an LCU may have nothing new', (t) => {
  const withheld = new Withheld();
  for (let round = 0; round < 4; round++) t.is(withheld.asked(7, [WANT.newest, epochOf(1), 5]), undefined);
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
