import test from 'ava';
import type { Answer } from '@farola/shared';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { StillAllowed } from '@farola/collector/poll/still-allowed.js';
import { testLcu } from '../../fakes/test-collector.js';

function setUp(lcu: Lcu | undefined) {
  const fleet = { now: 7, asked: 0, broken: false };
  const failures: unknown[] = [];
  const reviewed = { version: 7 };
  const read = <T>(value: T): T => {
    fleet.asked++;
    if (fleet.broken) throw new Error('unreadable');
    return value;
  };
  const allowed = new StillAllowed({
    fleet: { version: () => read(fleet.now), find: () => read(lcu) },
    reviewedVersion: () => reviewed.version,
    failed: (error) => failures.push(error),
  });
  const parsed = { lcuId: 'malaga-0042' } as Answer;
  return { fleet, reviewed, failures, commit: () => allowed.judge()?.({ parsed })?.code ?? 'stored' };
}

test('a fleet that has not changed since connections were reviewed is asked one number for each commit', (t) => {
  const { fleet, commit } = setUp(testLcu('active'));
  commit();
  fleet.asked = 0;
  for (let i = 0; i < 10; i++) t.is(commit(), 'stored');
  t.is(fleet.asked, 10);
});

for (const [state, code] of [
  ['active', 'stored'],
  ['quarantined', 'stored'],
  ['revoked', 'lcu-revoked'],
  ['retired', 'lcu-retired'],
  [undefined, 'lcu-unknown'],
] as const) {
  test(`of an LCU that is ${state ?? 'not there'} after a change, what waits is ${code}, until connections are reviewed`, (t) => {
    const { fleet, reviewed, commit } = setUp(state && testLcu(state));
    fleet.now = 8;
    t.deepEqual([commit(), commit()], [code, code]);
    reviewed.version = 8;
    t.is(commit(), 'stored', 'who may not deliver has no connection any more');
  });
}

test('what waited while connections were reviewed is judged at the next commit', (t) => {
  const { fleet, reviewed, commit } = setUp(testLcu('revoked'));
  fleet.now = 8;
  reviewed.version = 8;
  t.is(commit(), 'lcu-revoked');
});

test('answers are stored while the fleet cannot be read, and that is told', (t) => {
  const { fleet, failures, commit } = setUp(testLcu('revoked'));
  fleet.broken = true;
  t.is(commit(), 'stored');
  t.is(failures.length, 1);
  fleet.broken = false;
  t.is(commit(), 'lcu-revoked', 'as soon as it can be read again');
});
