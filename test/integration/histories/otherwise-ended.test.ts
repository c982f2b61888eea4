import test from 'ava';
import { LIMITS, toHex } from '@farola/shared';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { backedUpWorld } from './backed-up-world.js';

const SEED = 2;

test('what two units of one key wrote of an epoch is asked again of both, though the begin of it is gone', async (t) => {
  const { world, unit, backup, epoch } = await backedUpWorld(t, SEED);
  const { time, units } = world;
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
