import test from 'ava';
import { StandingOrder } from '@farola/collector/poll/standing-order.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { RECEIVED_AT_MS, testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

test('how a released LCU stands for the epochs of a backlog is asked of the ledger once for each', (t) => {
  const ledger = new MemoryLedger();
  for (const [code, judgedAtMs] of [
    ['quarantined', RECEIVED_AT_MS - 2000],
    ['released', RECEIVED_AT_MS - 1000],
  ] as const) {
    ledger.judge({ lcuNo: 0, judgedAtMs, code, facts: {}, key: null, kept: null });
  }
  const chains = [1, 2, 3, 4].map((byte) => new TestChain('malaga-0042', byte).grow(2));
  ledger.append(chains.map((chain) => testAnswer(chain, 1, 2)));
  const judgements = ledger.judgements.bind(ledger);
  let asked = 0;
  ledger.judgements = (lcuNo) => {
    asked++;
    return judgements(lcuNo);
  };
  const order = new StandingOrder({ ledger });
  const session = {
    lcu: { lcuNo: 0, lcuId: 'malaga-0042' },
    standing: { counts: true, fromEpochAfterMs: RECEIVED_AT_MS - 1000 },
  };
  for (let round = 0; round < 3; round++) {
    for (const { epoch } of chains) t.true(order.standingFor(session, epoch).counts);
  }
  t.is(asked, chains.length);
});
