import type { CounterFacts } from '@farola/agent/meter/plausible/counter-rule.js';
import { CounterWatch } from '@farola/agent/meter/plausible/counter-watch.js';
import test from 'ava';

const MINUTE_MS = 60_000;
const PLAIN: CounterFacts = { end: undefined, mostWatts: 1_000_000, backMinutes: 0, isSigned: false };

/** What is said of each of these values, a minute apart; null is a minute without a sample. */
function said(values: readonly (number | null)[], facts: Partial<CounterFacts> = {}, step = 1): (string | undefined)[] {
  const watch = new CounterWatch({ ...PLAIN, ...facts });
  return values.flatMap((value, minute) => {
    if (value === null) return [];
    const found = watch.take({ shown: value, value, atMs: minute * MINUTE_MS }, step, MINUTE_MS);
    return [found && `${found.flag}${found.told === undefined ? '' : ` from ${found.told}`}`];
  });
}

const none = (count: number): undefined[] => Array<undefined>(count).fill(undefined);

test('a counter that counts or stands still is left alone', (t) => {
  t.deepEqual(said([1_000, 1_000, 1_050, 2_000]), none(4));
});

test('a single 0 between two good values is marked, told, and nothing after it', (t) => {
  t.deepEqual(said([5_000, 0, 5_010, 5_020]), [undefined, 'counter-zero from 5000', undefined, undefined]);
});

test('two zeros are one glitch, told once', (t) => {
  t.deepEqual(said([5_000, 0, 0, 5_010]), [undefined, 'counter-zero from 5000', 'counter-zero', undefined]);
});

test('a counter that stays at 0 was reset, and that is told once', (t) => {
  t.deepEqual(said([5_000, 0, 0, 0, 0, 10]), [
    undefined,
    'counter-zero from 5000',
    'counter-zero',
    'counter-reset from 5000',
    undefined,
    undefined,
  ]);
});

test('a counter that begins anew from 0 was reset', (t) => {
  t.deepEqual(said([5_000_000, 0, 40, 80]), [undefined, 'counter-zero from 5000000', 'counter-reset from 5000000', undefined]);
  t.deepEqual(said([5_000_000, 40, 80, 120]), [undefined, 'counter-reset from 5000000', undefined, undefined]);
});

test('a counter that fell to where it cannot have counted since went back', (t) => {
  t.deepEqual(said([5_000_000, 4_000_000, 4_000_010, 4_000_020]), [undefined, 'counter-back from 5000000', undefined, undefined]);
});

test('one value that is too low, or too high, leaves no second mark', (t) => {
  t.deepEqual(said([5_000_000, 4_000_000, 5_000_010]), [undefined, 'counter-back from 5000000', undefined]);
  t.deepEqual(said([5_000_000, 9_000_000, 5_000_010]), [undefined, 'counter-jumped from 5000000', undefined]);
});

test('a step above what the analyser can measure jumped; the counter goes on from there', (t) => {
  t.deepEqual(said([1_000, 18_000, 18_010]), [undefined, 'counter-jumped from 1000', undefined]);
  t.deepEqual(said([1_000, 1_600], { mostWatts: 34_500 }), [undefined, 'counter-jumped from 1000']);
  t.deepEqual(said([1_000, 1_570], { mostWatts: 34_500 }), none(2));
});

test('the longer the time between, the more may have been counted', (t) => {
  t.deepEqual(said([1_000, null, null, 1_000 + 45_000]), none(2));
});

test('a coarse counter steps by its resolution', (t) => {
  t.deepEqual(said([100_000, 120_000], {}, 10_000), none(2));
});

test('a counter that jumps with each value is marked each time and told once in an hour', (t) => {
  const values = Array.from({ length: 70 }, (_, minute) => minute * 100_000);
  const found = said(values);
  t.is(found.filter((one) => one?.startsWith('counter-jumped')).length, 69);
  t.deepEqual(
    found.filter((one) => one?.includes('from')),
    ['counter-jumped from 0', 'counter-jumped from 6000000'],
  );
});

test('at its end a counter rolls over', (t) => {
  const end = 2 ** 32 * 10;
  t.deepEqual(said([end - 30, 20, 60], { end }, 10), [undefined, `counter-rolled-over from ${end - 30}`, undefined]);
  t.deepEqual(said([end - 30, 0, 60], { end }, 10), [undefined, `counter-rolled-over from ${end - 30}`, undefined]);
});

test('far from its end it does not', (t) => {
  t.deepEqual(said([2 ** 31, 20], { end: 2 ** 32 }), [undefined, `counter-reset from ${2 ** 31}`]);
});

test('after a power cut a counter may be behind by the minutes that its profile allows', (t) => {
  const facts = { backMinutes: 5, mostWatts: 60_000 };
  t.deepEqual(said([500_000, null, null, 496_000, 496_100], facts), none(3));
  t.deepEqual(said([500_000, null, null, 494_000], facts), [undefined, 'counter-back from 500000']);
  t.deepEqual(said([500_000, 496_000], facts), [undefined, 'counter-back from 500000']);
});

test('net energy may fall, and rise, by no more than can be measured', (t) => {
  t.deepEqual(said([1_000, 900, -50, 1_000], { isSigned: true }), none(4));
  t.deepEqual(said([1_000, -40_000], { isSigned: true }), [undefined, 'counter-jumped from 1000']);
});

test('after an exchange the first value is marked, and begins another counter', (t) => {
  const watch = new CounterWatch(PLAIN);
  const take = (value: number, minute: number) => watch.take({ shown: value, value, atMs: minute * MINUTE_MS }, 1, MINUTE_MS);
  t.is(take(5_000_000, 0), undefined);
  watch.exchanged();
  t.deepEqual(take(7, 1), { flag: 'meter-exchanged', told: undefined });
  t.is(take(50, 2), undefined);
});

test('a counter goes on from an earlier run', (t) => {
  const after = (recalledMs: number, value: number) => {
    const watch = new CounterWatch(PLAIN);
    watch.recall({ shown: 5_000_000, value: 5_000_000, atMs: recalledMs });
    return watch.take({ shown: value, value, atMs: 0 }, 1, MINUTE_MS)?.flag;
  };
  t.is(after(-10 * MINUTE_MS, 5_001_000), undefined);
  t.is(after(-10 * MINUTE_MS, 30), 'counter-reset');
  t.is(after(-10 * MINUTE_MS, 5_300_000), 'counter-jumped');
});

test('where no time tells how long it was away, nothing is too much, and a counter near 0 was reset', (t) => {
  const after = (value: number) => {
    const watch = new CounterWatch(PLAIN);
    watch.recall({ shown: 5_000_000, value: 5_000_000, atMs: NaN });
    return watch.take({ shown: value, value, atMs: 0 }, 1, MINUTE_MS)?.flag;
  };
  t.deepEqual([after(9_000_000), after(30), after(4_000_000)], [undefined, 'counter-reset', 'counter-back']);
});
