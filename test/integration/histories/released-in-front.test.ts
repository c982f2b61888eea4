import test from 'ava';
import { LIMITS, toHex } from '@farola/shared';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { HistoryWorld } from './history-world.js';

const SEED = 1;
const ROOM_BYTES = 200_000;

test('what an LCU released of an epoch hides from a restored collector nothing that it still has behind that', async (t) => {
  t.timeout(120_000);
  const world = await HistoryWorld.begin(SEED, ROOM_BYTES);
  t.teardown(() => world.end());
  const { time, units } = world;
  const [unit] = units;
  if (!unit) throw new TypeError('a history begins with a unit');
  const backup = world.copyCollector();
  const epoch = toHex(unit.journal.epoch);
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
