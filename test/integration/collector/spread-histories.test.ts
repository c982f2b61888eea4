import test, { type ExecutionContext } from 'ava';
import { GAP_REASON, toHex } from '@farola/shared';
import { BRANCHES_AT_ONCE, branchId } from '@farola/collector/branch-id.js';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { acknowledged, chains, codes, ID, numbersFrom, pollsUntil, run, storedOf, twins, visit } from '../../fakes/twins.js';

test('security: a thief who goes on where the unit is takes its acknowledgements away for one visit, though it deleted what it had', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 5, 666);
  await visit(rig, thief);
  await run(rig, unit, 50, 2);
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 60);
  unit.present.floor = 60;
  const again = unit.image(seededRandom('again'));
  await run(rig, again, 5, 667);
  await visit(rig, again);
  await run(rig, unit, 5, 2);
  await visit(rig, unit);
  await rig.time.advance(2 * ROUND_MS);
  t.is(acknowledged(unit), 65);
  t.deepEqual(chains(rig, unit), ['1-15', '1-65', '1-65']);
  t.is(storedOf(rig, unit, 2), 65, 'each entry is found where it is stored');
  const id = branchId(unit.present.epoch, 2);
  t.deepEqual(
    rig.ledger.sharedOf(0, id).map(({ from, to, source }) => [from, to, toHex(source)]),
    [
      [1, 10, toHex(unit.present.epoch)],
      [11, 60, toHex(branchId(unit.present.epoch, 1))],
    ],
  );
  rig.writer.flush();
  t.is(rig.state.derived.table(0, id, () => rig.ledger.sharedOf(0, id))?.boot?.length, 16);
});

test('security: a unit of which a part stands as an island of another chain goes on in its own, though it deleted what tells them apart', async (t) => {
  const { rig, unit, thief } = await twins(t, 50);
  await run(rig, thief, 1, 666);
  await visit(rig, thief);
  await run(rig, unit, 271, 2);
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 321);
  t.deepEqual(chains(rig, unit), ['1-51 66-321', '1-321']);
  unit.present.floor = 89;
  await run(rig, unit, 20, 2);
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 341);
  await run(rig, unit, 20, 2);
  await rig.time.advance(2 * ROUND_MS);
  t.is(acknowledged(unit), 361);
  t.deepEqual(chains(rig, unit), ['1-51 66-321', '1-361']);
});

test('a past epoch that ends before its twins part is acknowledged, whichever of the chains it is of', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  const second = unit.image(seededRandom('second'));
  for (const [i, lcu] of [thief, second].entries()) {
    await run(rig, lcu, 5, i);
    await visit(rig, lcu);
  }
  const { epoch, entries } = unit.present;
  unit.beginEpoch();
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(
    unit.polls.at(-1)?.acks.map(([of, n]) => [toHex(of), n]),
    [
      [toHex(epoch), entries.length],
      [toHex(unit.present.epoch), 1],
    ],
  );
  t.is(rig.contact(rig.fleet.find(ID)!)?.backlog, 0);
});

test('a branch too many of one epoch keeps nothing of the others from being asked', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  const units = [thief, ...['one', 'two', 'three'].map((name) => unit.image(seededRandom(name)))];
  for (const [i, lcu] of units.entries()) {
    await run(rig, lcu, 3, i);
    await visit(rig, lcu);
  }
  await run(rig, unit, 3, 9);
  unit.beginEpoch();
  await run(rig, unit, 3, 9);
  const { epoch: later } = unit.present;
  unit.beginEpoch();
  await visit(rig, unit);
  t.is(rig.ledger.holding(0, later).mark.n, 4, 'it stands behind the forked one');
  t.true(rig.log.some(({ message, fields }) => message === 'poll failed' && fields['code'] === 'chain-fork'));
});

test('a gap of a forked epoch goes to the chain of its unit, not to the first that it does not contradict', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  for (const [i, lcu] of [thief, unit].entries()) {
    await run(rig, lcu, 10, i);
    await visit(rig, lcu);
  }
  await run(rig, unit, 20, 1);
  const { epoch, heads } = unit.present;
  unit.gaps = [[epoch, 21, 30, heads[20]!, heads[30]!, GAP_REASON.evicted]];
  unit.present.floor = 30;
  unit.beginEpoch();
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(
    [0, 1].map((branch) => rig.ledger.holding(0, branchId(epoch, branch)).mark.n),
    [20, 40],
  );
  t.is(unit.polls.at(-1)?.acks.find(([of]) => toHex(of) === toHex(epoch))?.[1], 40);
});

for (const [what, more] of [
  ['in its place', 20],
  ['up to the same number', 5],
] as const) {
  test(`security: a unit that restarts before it comes back gets the end of its epoch stored, though a thief has delivered one ${what}`, async (t) => {
    const { rig, unit, thief } = await twins(t, 10);
    await run(rig, thief, more, 666);
    await visit(rig, thief);
    await run(rig, unit, 5, 2);
    const past = unit.present;
    unit.beginEpoch();
    await visit(rig, unit);
    await rig.time.advance(2 * ROUND_MS);
    t.deepEqual(
      unit.polls.at(-1)?.acks.map(([of, n, head]) => [toHex(of), n, toHex(head)]),
      [past, unit.present].map(({ epoch, entries, heads }) => [toHex(epoch), entries.length, toHex(heads.at(-1)!)]),
    );
    const id = branchId(past.epoch, 1);
    t.is(rig.ledger.holding(0, id).mark.n, 15);
    t.deepEqual(
      rig.ledger.sharedOf(0, id).map(({ from, to }) => [from, to]),
      [[1, 10]],
    );
  });
}

test('a past epoch that stays listed though it was acknowledged is asked once in a connection for its last entry', async (t) => {
  const { rig, unit } = await twins(t, 10);
  const { epoch, entries } = unit.present;
  unit.beginEpoch();
  await visit(rig, unit);
  await rig.time.advance(3 * ROUND_MS);
  const asked = (): unknown[] =>
    unit.polls.filter(({ want }) => toHex(want[1]) === toHex(epoch)).map(({ want }) => want.slice(2));
  t.deepEqual(asked(), [
    [0, entries.length + 1],
    [entries.length - 1, entries.length + 1],
  ]);
  for (let visits = 1; visits < 4; visits++) {
    await visit(rig, unit);
    await rig.time.advance(ROUND_MS);
  }
  t.is(asked().length, 5);
  t.deepEqual(codes(rig), [], 'what it brings again is not held back');
});

for (const [units, seeds] of [
  [2, [5003, 5017, 5044]],
  [3, [5000, 5004, 5006, 5014, 5027, 5037, 5045, 5046, 5057, 5059]],
] as const)
  for (const seed of seeds) {
    test(`security: each of ${units} units that break off anywhere has all that it holds acknowledged in the end (${seed})`, (t) =>
      inTheEnd(t, seed, units));
  }

/** Units come by turns and break off; then each is left to itself for some rounds. */
async function inTheEnd(t: ExecutionContext, seed: number, count: number): Promise<void> {
  const random = numbersFrom(seed);
  const { rig, unit, thief } = await twins(t, 1 + random(600));
  if (random(2)) await visit(rig, unit);
  const units = [unit, thief, thief.image(seededRandom('second'))].slice(0, count);
  for (let turn = 0; turn < 6; turn++) {
    const lcu = units[random(count)]!;
    await run(rig, lcu, 1 + random(random(2) ? 40 : 700), units.indexOf(lcu) + 2);
    const most = random(2) ? 1 + random(3) : Infinity;
    if (random(4)) {
      rig.connect(lcu, pollsUntil(lcu, most));
      await rig.time.advance(2000);
    }
    if (random(2)) await rig.time.advance(ROUND_MS);
  }
  for (let turn = 0; turn < 4; turn++) {
    for (const lcu of units) {
      await visit(rig, lcu);
      await rig.time.advance(2 * ROUND_MS);
      if (turn === 3) t.is(acknowledged(lcu), lcu.present.entries.length, `unit ${units.indexOf(lcu)}`);
    }
  }
}

test('security: who hangs up before a branch is stored waits an hour for the next as well', async (t) => {
  const { rig, unit } = await twins(t, 10);
  for (let i = 0; i < 6; i++) {
    const copy = unit.image(seededRandom(`copy ${i}`));
    await run(rig, copy, 5, i);
    const channel = rig.connect(copy);
    await rig.time.advance(10);
    channel.close('gone');
    await rig.time.advance(200);
  }
  t.is(chains(rig, unit).length, BRANCHES_AT_ONCE);
});
