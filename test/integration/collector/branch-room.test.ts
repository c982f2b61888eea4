import test, { type ExecutionContext } from 'ava';
import { toHex } from '@farola/shared';
import { BRANCH_LIMIT, BRANCH_PAUSE_MS, BRANCHES_AT_ONCE } from '@farola/collector/branch-id.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';
import { acknowledged, chains, codes, ID, latest, run, storedOf, twins, visit } from '../../fakes/twins.js';

/** A unit comes with three entries more; the number up to which it is acknowledged after a round. */
async function comes(rig: CollectorRig, lcu: SimulatedLcu, value: number): Promise<number> {
  await run(rig, lcu, 3, value);
  await visit(rig, lcu);
  await rig.time.advance(ROUND_MS);
  return acknowledged(lcu);
}

function images(unit: SimulatedLcu, count: number): SimulatedLcu[] {
  return Array.from({ length: count }, (_, i) => unit.image(seededRandom(`${i}`)));
}

/** Comes by turns until the epoch of the unit has as many chains as may be; the last is refused. */
async function useUp(
  t: ExecutionContext,
  rig: CollectorRig,
  unit: SimulatedLcu,
  thieves: readonly SimulatedLcu[],
): Promise<void> {
  const [two, three, ...more] = thieves;
  for (const [i, lcu] of [thieves[BRANCH_LIMIT - 1]!, unit, two!, three!].entries()) {
    t.is(await comes(rig, lcu, i), i < BRANCHES_AT_ONCE ? 13 : 0, `unit ${i}`);
  }
  t.is(chains(rig, unit).length, BRANCHES_AT_ONCE);
  t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'chain-fork');
  let waiting = three!;
  for (let branches = BRANCHES_AT_ONCE + 1; branches <= BRANCH_LIMIT; branches++) {
    await rig.time.advance(BRANCH_PAUSE_MS + ROUND_MS);
    t.is(acknowledged(waiting), waiting.present.entries.length, 'who is there when the hour is over has its branch');
    t.is(chains(rig, unit).length, branches);
    waiting = more[branches - BRANCHES_AT_ONCE - 1]!;
    t.is(await comes(rig, waiting, branches), 0);
  }
  await rig.time.advance(BRANCH_PAUSE_MS + ROUND_MS);
  t.is(acknowledged(waiting), 0);
  t.is(chains(rig, unit).length, BRANCH_LIMIT);
}

test('security: a branch too many waits an hour, and of nine the last is refused and proven by what is kept', async (t) => {
  const { rig, unit } = await twins(t, 10);
  await useUp(t, rig, unit, images(unit, BRANCH_LIMIT));
  const judged = rig.ledger.judgements(0);
  t.is(judged.filter((one) => one.kept !== null).length, 4, 'kept four times, then counted');
  t.true(judged.length <= 5);
});

test('security: a unit whose epoch a thief used up is stored whole after it was enrolled anew and started', async (t) => {
  const { rig, unit } = await twins(t, 10);
  const late = unit.image(seededRandom('late'));
  await run(rig, late, 5, 2);
  await useUp(t, rig, unit, images(unit, BRANCH_LIMIT));
  decideStanding(rig, ID, { decision: 'revoked', atMs: rig.time.now().wallMs, reason: 'key was stolen', by: 'ana' });
  await rig.time.advance(1000);
  rig.enrol(ID, testSigner(3));
  const again = new SimulatedLcu({ ...late.options, signer: testSigner(3) });
  again.epochs.splice(0, 1, ...late.epochs);
  again.beginEpoch();
  await visit(rig, again);
  await rig.time.advance(BRANCH_PAUSE_MS + ROUND_MS);
  t.is(storedOf(rig, late, BRANCH_LIMIT), 15);
  t.deepEqual(
    again.polls.at(-1)?.acks.map(([of, n]) => [toHex(of), n]),
    [
      [toHex(late.present.epoch), 15],
      [toHex(again.present.epoch), 1],
    ],
  );
});

test('security: what a unit that was enrolled anew adds to the first chain of its forked epoch is judged once more, and does not count', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  for (const [i, lcu] of [unit, thief].entries()) await comes(rig, lcu, i);
  decideStanding(rig, ID, { decision: 'revoked', atMs: rig.time.now().wallMs, reason: 'key was stolen', by: 'ana' });
  await rig.time.advance(1000);
  rig.enrol(ID, testSigner(3));
  const judged = codes(rig);
  t.is(rig.fleet.find(ID)?.state, 'active');
  await run(rig, unit, 3, 2);
  const again = new SimulatedLcu({ ...unit.options, signer: testSigner(3) });
  again.epochs.splice(0, 1, ...unit.epochs);
  const before = latest(rig);
  await visit(rig, again);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(chains(rig, unit), ['1-16', '1-13']);
  t.deepEqual(codes(rig), [...judged, 'chain-fork', 'quarantined']);
  t.is(latest(rig), before);
});

test('security: a thief who forks epochs of his own does not keep the true unit from the next place in its own', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  const [two, three] = images(unit, 2);
  for (const [i, lcu] of [thief, two!, three!].entries()) await comes(rig, lcu, i);
  const begun = rig.time.now().monoMs;
  for (let minute = 0; minute < 8; minute++) {
    thief.beginEpoch();
    for (const [i, lcu] of [thief, ...images(thief, 3)].entries()) await comes(rig, lcu, i);
  }
  t.true(rig.time.now().monoMs - begun > BRANCH_PAUSE_MS);
  t.is(await comes(rig, unit, 2), unit.present.entries.length);
});
