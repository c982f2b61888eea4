import test from 'ava';
import type { EpochTable, HeldSample } from '@farola/collector/fleet/derived-state.js';
import { failingOf } from '@farola/collector/status/failing-analysers.js';
import { encodeEntry, type SampleStatus } from '@farola/shared';
import { analyser, sample } from '../../fakes/test-chain.js';

const EPOCH = new Uint8Array(8).fill(1);
const TABLE: EpochTable = {
  lcuNo: 0,
  epoch: EPOCH,
  boot: undefined,
  agentVersion: undefined,
  analysers: [analyser(0, 'main'), analyser(1, 'main', { periodS: 900 }), analyser(2, 'park'), analyser(3, 'gone')],
  retired: [3],
};

/** The newest sample of a row. */
function held(index: number, n: number, status: SampleStatus, epoch = EPOCH): HeldSample {
  const entry = encodeEntry({ ...sample(index, 1, []), status });
  return { lcuNo: 0, epoch, n, analyser: index, entry, receivedAtMs: 1, ageMs: 0, ageLost: false };
}

for (const [what, latest, failing] of [
  ['answers in all groups', [held(0, 9, 'complete'), held(1, 8, 'partial')], []],
  ['answers in none, is told once, by the newest', [held(0, 9, 'not-asked'), held(1, 4, 'timeout')], ['main not-asked']],
  ['did not answer a slow group, and answers since', [held(0, 9, 'complete'), held(1, 4, 'timeout')], []],
  ['was another one, and is the right one since', [held(0, 9, 'complete'), held(1, 4, 'other-meter')], []],
  ['is another one since', [held(0, 9, 'other-meter'), held(1, 4, 'complete')], ['main other-meter']],
  ['refuses the registers of one group alone', [held(0, 9, 'complete'), held(1, 4, 'exception')], ['main exception']],
  ['is read no more', [held(3, 9, 'timeout')], []],
  ['failed in an epoch before', [held(0, 9, 'timeout', new Uint8Array(8))], []],
  ['is not in the table yet', [held(7, 9, 'timeout')], ['#7 timeout']],
] as const) {
  test(`of an analyser that ${what}`, (t) => {
    t.deepEqual(
      failingOf(latest, TABLE).map(({ analyser: id, status }) => `${id} ${status}`),
      [...failing],
    );
  });
}

test('each analyser is told by itself, and none while the table is not here', (t) => {
  const latest = [held(0, 9, 'timeout'), held(2, 8, 'other-meter')];
  t.deepEqual(failingOf(latest, TABLE), [
    { analyser: 'main', status: 'timeout' },
    { analyser: 'park', status: 'other-meter' },
  ]);
  t.deepEqual(failingOf(latest, undefined), []);
});
