import test from 'ava';
import { LIMITS } from '@farola/shared';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { backedUpWorld } from './backed-up-world.js';

const SEED = 1;

test('what an LCU released of an epoch hides from a restored collector nothing that it still has behind that', async (t) => {
  const { world, unit, backup, epoch } = await backedUpWorld(t, SEED);
  const { time } = world;
  const COUNT = 3 * LIMITS.answerEntries;
  await unit.measure(COUNT, 200);
  unit.connect();
  await time.advance(ROUND_MS);
  unit.close();
  await unit.open();
  unit.connect();
  while (unit.holds(`${epoch}/1`)) {
    await unit.measure(50, 200);
    await time.advance(ROUND_MS);
  }
  const held = Array.from({ length: COUNT }, (_, i) => `${epoch}/${i + 2}`).filter((id) => unit.holds(id));
  t.true(held.length > 2 * LIMITS.answerEntries, `${held.length} are still there`);
  t.true(held.length < COUNT);
  t.deepEqual(unit.journal.openEpochs().length, 1, 'the LCU owes nothing of it');
  await world.restore(backup, false);
  await world.settle();
  await world.oracle.judge();
  t.deepEqual(world.oracle.problems, []);
});
