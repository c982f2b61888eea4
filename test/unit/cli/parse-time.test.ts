import test from 'ava';
import { type AskedSpan, noteFuture, parseSpan, parseTime, parseUntil } from '@farola/collector/cli/parse-time.js';
import { FarolaError } from '@farola/shared';

const NOW_MS = Date.UTC(2026, 10, 23, 4);
const HOUR_MS = 3_600_000;

const CASES: readonly { readonly asked: AskedSpan; readonly says: string }[] = [
  { asked: { from: '-1h', begin: '-24h', to: '-2h' }, says: '--from -1h is later than --to -2h' },
  {
    asked: { from: undefined, begin: '-24h', to: '-2d' },
    says: '--to -2d is before the begin, -24h by default: say --from as well',
  },
];

for (const { asked, says } of CASES) {
  test(`a span that ends before it begins: ${says}`, (t) => {
    const error = t.throws(() => parseSpan(asked, NOW_MS), { instanceOf: FarolaError, code: 'usage' });
    t.is(error.message, says);
  });
}

test('a span begins where it is told, else by default, and ends now', (t) => {
  t.deepEqual(parseSpan({ from: undefined, begin: '-24h' }, NOW_MS), { fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS });
  t.deepEqual(parseSpan({ from: '-6h', begin: '-24h', to: '-1h' }, NOW_MS), {
    fromMs: NOW_MS - 6 * HOUR_MS,
    toMs: NOW_MS - HOUR_MS,
  });
});

test('a time is told as it is advised: so long ago, or so long from now', (t) => {
  t.is(parseTime('-6h', NOW_MS), NOW_MS - 6 * HOUR_MS);
  t.is(parseTime('+7d', NOW_MS), NOW_MS + 168 * HOUR_MS);
  t.is(parseUntil('--valid', '+6h', NOW_MS), NOW_MS + 6 * HOUR_MS);
  const error = t.throws(() => parseSpan({ from: '+1d', begin: '-24h' }, NOW_MS), { instanceOf: FarolaError });
  t.is(error.code, 'time-to-come');
});

test('a begin that is to come is refused with the time that it is now', (t) => {
  for (const to of [undefined, '2026-11-25']) {
    const error = t.throws(() => parseSpan({ from: '2026-11-24', begin: '-24h', to }, NOW_MS), { instanceOf: FarolaError });
    t.is(error.code, 'time-to-come');
    t.is(error.message, '--from 2026-11-24 is in the future; it is 2026-11-23T04:00:00Z');
  }
});

test('an end that is to come is taken, and it is said that nothing can be here of then', (t) => {
  const { toMs } = parseSpan({ from: '-6h', begin: '-24h', to: '2026-11-24' }, NOW_MS);
  const notes: string[] = [];
  noteFuture({ to: '2026-11-24' }, toMs, NOW_MS, (line) => notes.push(line));
  t.deepEqual(notes, ['--to 2026-11-24 is in the future: what is here goes up to now, 2026-11-23T04:00:00Z']);
  noteFuture({ to: undefined }, NOW_MS, NOW_MS, (line) => t.fail(line));
  noteFuture({ to: '-1h' }, NOW_MS - HOUR_MS, NOW_MS, (line) => t.fail(line));
});

test('a time that is over where one to come is needed is refused with its own words', (t) => {
  const error = t.throws(() => parseUntil('--valid', '-1d', NOW_MS), { instanceOf: FarolaError });
  t.is(error.code, 'time-over');
  t.is(error.message, '--valid -1d is over; it is 2026-11-23T04:00:00Z');
});

test('a time of day without its zone is refused with both ways to say it; what is no time stays none', (t) => {
  for (const value of ['2026-11-22T18:00', '2026-11-22T18:00:30']) {
    const error = t.throws(() => parseTime(value, NOW_MS), { instanceOf: FarolaError });
    t.is(error.code, 'time-without-zone');
    t.regex(error.hint ?? '', new RegExp(`^write ${value}Z for UTC`));
    t.is(parseTime(`${value}Z`, NOW_MS), Date.parse(`${value}Z`));
  }
  for (const value of ['2026-11-22T25:00', '2026-02-30T10:00', '18:00', '2026-11-22T18:00+25:00'])
    t.is(t.throws(() => parseTime(value, NOW_MS), { instanceOf: FarolaError }).code, 'time-invalid', value);
});
