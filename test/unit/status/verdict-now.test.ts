import test from 'ava';
import { verdictNow } from '@farola/collector/status/verdict-now.js';
import type { OutcomeRun } from '@farola/collector/uptime/outcome-run.js';
import { contact, NOW_MS, ROUND_MS } from '../../fakes/status-facts.js';

/** Runs of these lengths, the last of which was due a minute ago. */
function runs(...of: readonly (readonly [outcome: OutcomeRun['outcome'], rounds: number])[]): OutcomeRun[] {
  let endMs = NOW_MS - 60_000 + ROUND_MS;
  return of
    .toReversed()
    .map(([outcome, rounds]): OutcomeRun => {
      endMs -= rounds * ROUND_MS;
      return { lcuNo: 0, fromMs: endMs, roundMs: ROUND_MS, rounds, outcome };
    })
    .toReversed();
}

const minutesAgo = (ms: number): number => (NOW_MS - ms) / 60_000;

test('without a poll and without a round nothing is known', (t) => {
  t.is(verdictNow({ runs: [], contact: undefined }), undefined);
  t.is(verdictNow({ runs: [], contact: contact({ lastAtMs: 0 }) }), undefined);
});

test('an LCU that is gone is down since its first bad round, whatever the reasons were', (t) => {
  const last = contact({ lastAtMs: NOW_MS - 3_600_000 });
  const now = verdictNow({ runs: runs(['ok', 5], ['answer-missing', 2], ['lcu-not-connected', 3]), contact: last });
  t.is(now?.code, 'lcu-not-connected');
  t.is(minutesAgo(now!.atMs), 1);
  t.is(minutesAgo(now!.sinceMs), 1 + 4 * 5);
});

test('one that came back within a round that it missed is up', (t) => {
  const back = contact({ verdict: 'ok', lastAtMs: NOW_MS - 10_000 });
  const now = verdictNow({ runs: runs(['ok', 5], ['lcu-not-connected', 3]), contact: back });
  t.deepEqual([now?.code, now?.sinceMs], ['ok', NOW_MS - 10_000]);
});

test('a poll that fails after a good round is down since that poll', (t) => {
  const now = verdictNow({ runs: runs(['ok', 5]), contact: contact({ verdict: 'answer-missing', lastAtMs: NOW_MS - 5_000 }) });
  t.deepEqual([now?.code, now?.sinceMs], ['answer-missing', NOW_MS - 5_000]);
});

test('one that answers is up since its first good round', (t) => {
  const now = verdictNow({ runs: runs(['answer-missing', 1], ['ok', 5]), contact: contact() });
  t.deepEqual([now?.code, minutesAgo(now!.sinceMs)], ['ok', 21]);
});
