import { knownStanding } from '@farola/agent/cli/known-standing.js';
import type { Running } from '@farola/agent/status/fs-run-status.js';
import type { RunStatus } from '@farola/agent/status/run-status.js';
import test from 'ava';

const LCU = 'malaga-0042';

function running(link: Partial<RunStatus['link']>, lcuId = LCU): Running {
  const told = { state: 'waiting', sinceMs: 0, reason: null, nextTryMs: null, lastAnswerMs: null, ...link };
  return { status: { lcuId, link: told } as RunStatus, liveness: { silentMs: 0, hung: undefined } };
}

test('an LCU whose answers were taken is approved, also while the network is away', (t) => {
  const approved = { is: 'approved', lastAnswerMs: 7 } as const;
  t.deepEqual(knownStanding(running({ state: 'connected', lastAnswerMs: 7 }), LCU), approved);
  t.deepEqual(knownStanding(running({ reason: 'collector-unreachable', lastAnswerMs: 7 }), LCU), approved);
});

test('an LCU that the collector turns away as pending waits', (t) => {
  for (const state of ['waiting', 'dialling'] as const)
    t.deepEqual(knownStanding(running({ state, reason: 'lcu-pending' }), LCU), { is: 'waits' });
});

for (const [reason, code] of [
  ['lcu-revoked', 'lcu-revoked'],
  ['lcu-retired', 'lcu-retired'],
  ['key-unknown', 'collector-refused'],
] as const) {
  test(`an LCU that is turned away for ${reason} is told that, however good it once was`, (t) => {
    t.throws(() => knownStanding(running({ reason, lastAnswerMs: 7 }), LCU), { code });
  });
}

test('nothing is known without an agent that was ever answered, nor from that of another LCU', (t) => {
  const unknown = { is: 'not-known' } as const;
  t.deepEqual(knownStanding(undefined, LCU), unknown);
  t.deepEqual(knownStanding({ foreign: { pid: 1 } }, LCU), unknown);
  t.deepEqual(knownStanding(running({ reason: 'collector-unreachable' }), LCU), unknown);
  t.deepEqual(knownStanding(running({ lastAnswerMs: 7 }, 'malaga-0043'), LCU), unknown);
});
