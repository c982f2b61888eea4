import test from 'ava';
import { parseSpan, type AskedSpan } from '@farola/collector/cli/parse-time.js';
import { FarolaError } from '@farola/shared';

const NOW_MS = Date.UTC(2026, 10, 23, 4);
const HOUR_MS = 3_600_000;

const CASES: readonly { readonly asked: AskedSpan; readonly says: string }[] = [
  { asked: { from: '-1h', begin: '-24h', to: '-2h' }, says: '--from -1h is later than --to -2h' },
  {
    asked: { from: undefined, begin: '-24h', to: '-2d' },
    says: '--to -2d is before the begin, -24h by default: say --from as well',
  },
  { asked: { from: '2026-11-24', begin: '-24h' }, says: '--from 2026-11-24 is in the future' },
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
