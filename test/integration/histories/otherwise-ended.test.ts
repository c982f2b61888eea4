import test from 'ava';
import { LIMITS, toHex } from '@farola/shared';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { HistoryWorld } from './history-world.js';

const SEED = 2;
const ROOM_BYTES = 200_000;

test('what two units of one key wrote of an epoch is asked again of both, though the begin of it is gone', async (t) => {
  t.timeout(120_000);
  const world = await HistoryWorld.begin(SEED, ROOM_BYTES);
  t.teardown(() => world.end());
  const { time, units } = world;
  const [unit] = units;
  if (!unit) throw new TypeError('a history begins with a unit');
  const backup = world.copyCollector();
  const epoch = toHex(unit.journal.epoch);
  await unit.measure(LIMITS.answerEntries, 200);
  unit.connect();
  while (unit.holds(`${epoch}/1`)) {
    await unit.measure(50, 200);
    await time.advance(ROUND_MS);
  }
  world.spared = false;
  const other = await unit.twin('u1', false);
  units.push(other);
  await other.measure(20, 200);
  other.connect();
  await time.advance(ROUND_MS);
  other.link?.cut();
  await unit.measure(40, 200);
  unit.connect();
  await time.advance(ROUND_MS);
  other.close();
  await other.open();
  t.deepEqual(
    other.journal.openEpochs().map(([of]) => toHex(of) === epoch),
    [false],
    'the LCU owes nothing of it',
  );
  await world.restore(backup, false);
  await world.settle();
  await world.oracle.judge();
  t.deepEqual(world.oracle.problems, []);
});
