import { PlatformBook } from '@farola/collector/fleet/platform-book.js';
import type { PlatformJudgement } from '@farola/collector/fleet/platforms.js';
import { toHex } from '@farola/shared';
import test from 'ava';

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const judged = (byte: number, verdict: PlatformJudgement['verdict'], reason = ''): PlatformJudgement => {
  return { platformHash: hash(byte), verdict, atMs: byte, reason, by: 'ana' };
};

test('a platform is unknown until someone approves it, and unmeasured where the LCU told none', (t) => {
  const book = new PlatformBook([judged(1, 'approved', 'November')]);
  t.deepEqual(book.mark(hash(1)), { mark: 'approved', reason: 'November' });
  t.deepEqual(book.mark(hash(2)), { mark: 'unknown' });
  t.deepEqual(book.mark(null), { mark: 'unmeasured' });
});

test('the last judgement holds: what was revoked can be approved again', (t) => {
  const history = [judged(1, 'approved'), judged(1, 'revoked', 'a hole'), judged(2, 'approved')];
  t.deepEqual(new PlatformBook(history).mark(hash(1)), { mark: 'revoked', reason: 'a hole' });
  t.deepEqual(new PlatformBook([...history, judged(1, 'approved')]).mark(hash(1)), { mark: 'approved' });
});

test('the book lists what was judged and what LCUs run on, each once, with their number', (t) => {
  const told = [{ hash: hash(3) }, { hash: hash(1) }, { hash: null }, { hash: hash(3) }];
  const { entries } = new PlatformBook([judged(1, 'approved'), judged(2, 'revoked', 'old')], told);
  t.deepEqual(
    entries.map(({ platformHash, mark, lcus }) => [platformHash[0], mark, lcus]),
    [
      [1, 'approved', 1],
      [2, 'revoked', 0],
      [3, 'unknown', 2],
    ],
  );
});

test('a platform is found by how its hash begins', (t) => {
  const book = new PlatformBook([judged(0xab, 'approved')], [{ hash: new Uint8Array(32).fill(0xab).with(31, 0) }]);
  t.is(book.beginning('ABABABAB').length, 2);
  t.is(book.beginning(toHex(hash(0xab))).length, 1);
  t.is(book.beginning('00').length, 0);
});
