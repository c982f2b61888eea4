import { TokenBucket } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { runs } from './runs.js';

test('lets a full bucket through at once, and then what comes back', (t) => {
  const bucket = new TokenBucket(3, 2, 1000);
  t.true(bucket.isFull(1000));
  t.deepEqual(
    [1000, 1000, 1000, 1000, 1499, 1500, 1999, 2000].map((at) => bucket.take(at)),
    [true, true, true, false, false, true, false, true],
  );
  t.false(bucket.isFull(3499));
  t.true(bucket.isFull(3500));
});

test('a clock that goes back gives no tokens', (t) => {
  const bucket = new TokenBucket(1, 1, 1000);
  t.true(bucket.take(1000));
  t.false(bucket.take(0));
  t.false(bucket.take(1999));
  t.true(bucket.take(2000));
});

test('never lets more through than the bucket holds and the time brought', (t) => {
  const waits = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50 }), waits, (most, perSecond, all) => {
      const bucket = new TokenBucket(most, perSecond, 0);
      let at = 0;
      let taken = 0;
      for (const wait of all) {
        at += wait;
        if (bucket.take(at)) taken++;
      }
      return taken <= most + (at / 1000) * perSecond + 1e-6;
    }),
    runs(300),
  );
  t.pass();
});
