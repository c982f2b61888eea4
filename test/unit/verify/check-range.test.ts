import { checkRange } from '@farola/collector/verify/check-range.js';
import { WANT, type Want } from '@farola/shared';
import test from 'ava';

const [PRESENT, PAST, FOREIGN] = [1, 2, 3].map((byte) => new Uint8Array(8).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];

/** What comes out of an answer of `from` to `to` that carries as many entries as it says, or `count`. */
function judged(want: Want, epoch: Uint8Array, from: number, to: number, count = to - from + 1): string {
  return checkRange({ want, epoch: PRESENT }, { epoch, from, to }, count)?.code ?? 'ok';
}

const RANGE: Want = [WANT.range, PAST, 10, 20];
for (const [title, from, to, code] of [
  ['the whole of it', 11, 19, 'ok'],
  ['its first entry', 11, 11, 'ok'],
  ['its last entry', 19, 19, 'ok'],
  ['the entry before it, too', 10, 19, 'range-unasked'],
  ['the entry behind it, too', 11, 20, 'range-unasked'],
  ['the entry before it alone', 10, 10, 'range-unasked'],
  ['the entry behind it alone', 20, 20, 'range-unasked'],
] as const) {
  test(`asked for 11 to 19, an answer with ${title}: ${code}`, (t) => t.is(judged(RANGE, PAST, from, to), code));
}

const NEWEST: Want = [WANT.newest, PRESENT, 10];
for (const [title, from, to, code] of [
  ['from entry 11 on', 11, 300, 'ok'],
  ['of the last that fit', 200, 300, 'ok'],
  ['from the entry on after which it was asked', 10, 300, 'range-unasked'],
  ['from the first entry on', 1, 200, 'range-unasked'],
] as const) {
  test(`asked for the newest after 10, an answer ${title}: ${code}`, (t) => t.is(judged(NEWEST, PRESENT, from, to), code));
}

test('entries are of the epoch that was asked, also where the present one is another', (t) => {
  t.is(judged(RANGE, PAST, 11, 19), 'ok');
  t.is(judged(RANGE, PRESENT, 11, 19), 'range-unasked');
  t.is(judged(NEWEST, PAST, 11, 19), 'range-unasked');
});

test('an empty range is of the epoch that was asked, or of the present one', (t) => {
  for (const epoch of [PAST, PRESENT]) t.is(judged(RANGE, epoch, 5, 4), 'ok');
  t.is(judged(RANGE, FOREIGN, 5, 4), 'range-unasked');
});

test('there are as many entries as the range says, numbered from 1 on', (t) => {
  t.is(judged(RANGE, PAST, 11, 19, 8), 'entries-count');
  t.is(judged(RANGE, PAST, 11, 19, 10), 'entries-count');
  t.is(judged(RANGE, PAST, 11, 19, 0), 'entries-count');
  t.is(judged(RANGE, PAST, 11, 9, 0), 'entries-count');
  t.is(judged([WANT.newest, PAST, 0], PAST, 0, 3), 'entries-count');
  t.is(judged([WANT.newest, PAST, 0], PAST, 1, 3), 'ok');
});
