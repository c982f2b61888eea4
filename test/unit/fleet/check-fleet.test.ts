import test from 'ava';
import { checkFleet } from '@farola/collector/fleet/check-fleet.js';
import { FarolaError } from '@farola/shared';
import { openRig } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

test('a fleet that fits its ledger passes; one that lost an LCU, or gave its number to another, does not', async (t) => {
  const rig = await openRig(t);
  const { fleet } = rig.state;
  const first = rig.enrol('malaga-0001', testSigner(2));
  rig.enrol('malaga-0002', testSigner(3));
  rig.connect(rig.simulate('malaga-0001', 2));
  await rig.time.advance(100);
  t.is(rig.stored(first).length, 1);
  t.notThrows(() => checkFleet(fleet, rig.ledger, 'state.db'));
  const others = fleet.list().map((lcu) => ({ ...lcu, lcuNo: 1 - lcu.lcuNo }));
  for (const list of [() => [], () => others]) {
    const error = t.throws(() => checkFleet({ list }, rig.ledger, 'state.db'), { instanceOf: FarolaError });
    t.like(error, { code: 'fleet-lost', facts: { lcu: 'malaga-0001', number: 0 } });
  }
});
