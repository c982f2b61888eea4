import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { cutFrame, GAP_REASON, KINDS, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import { told } from '../../fakes/audit-scene.js';
import { auditRig } from '../../fakes/audited-rig.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import {
  acknowledged,
  chains,
  codes,
  ID,
  latest,
  numbersFrom,
  pollsUntil,
  run,
  storedOf,
  twins,
  visit,
} from '../../fakes/twins.js';

test('security: what the true unit delivers after a thief was first is stored and acknowledged, and none of it counts', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 10, 666);
  await visit(rig, thief);
  t.deepEqual(chains(rig, unit), ['1-20']);
  await run(rig, unit, 5, 2);
  await visit(rig, unit);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined']);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  t.deepEqual(chains(rig, unit), ['1-20', '1-15']);
  t.is(storedOf(rig, unit, 1), 15);
  t.is(storedOf(rig, thief, 0), 20);
  const [{ facts, kept } = {}] = rig.ledger.judgements(0);
  t.like(facts, { epoch: toHex(unit.present.epoch) });
  t.true((kept?.answer.length ?? 0) > 0);
  const before = latest(rig);
  await run(rig, unit, 5, 2);
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 15, 'by the first poll of the round');
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 20);
  t.is(latest(rig), before, 'nothing of it is the present state');
  t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'ok');
  t.is(rig.contact(rig.fleet.find(ID)!)?.backlog, 0);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined'], 'what is known is judged once');
  t.deepEqual(rig.refused, []);
});

test('security: two units that connect by turns both get everything stored and acknowledged, and entries that they share stored once', async (t) => {
  const { rig, unit, thief } = await twins(t, 400);
  for (let turn = 0; turn < 3; turn++) {
    for (const [lcu, value] of [
      [thief, 666],
      [unit, 2],
    ] as const) {
      await run(rig, lcu, 40, value);
      await visit(rig, lcu);
      await rig.time.advance(ROUND_MS);
      t.is(acknowledged(lcu), lcu.present.entries.length, `turn ${turn} of ${value}`);
    }
  }
  t.deepEqual(chains(rig, unit), ['1-520', '1-520']);
  t.is(storedOf(rig, unit, 1), 520);
  t.is(storedOf(rig, thief, 0), 520);
  const owned = [...rig.ledger.rows(0, 0, rig.time.now().wallMs)].flatMap(({ key }) => rig.ledger.ownedBy(key));
  t.is(
    owned.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    400 + 2 * 120,
  );
});

test('security: after a release the next epoch counts, and nothing of the forked one', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 3, 666);
  await visit(rig, thief);
  await run(rig, unit, 3, 2);
  await visit(rig, unit);
  await run(rig, unit, 1, 2);
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision: 'released', atMs: wallMs, reason: 'key was changed', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  const before = latest(rig);
  await rig.time.advance(2 * ROUND_MS);
  t.is(acknowledged(unit), unit.present.entries.length, 'the branch goes on');
  t.is(rig.fleet.find(ID)?.state, 'active');
  t.is(latest(rig), before);
  await run(rig, unit, 2, 2);
  const { epoch, entries } = unit.present;
  unit.beginEpoch();
  await run(rig, unit, 1, 3);
  await visit(rig, unit);
  t.is(rig.ledger.holding(0, branchId(epoch, 1)).mark.n, entries.length, 'the end of the branch came as well');
  t.is(latest(rig), `${toHex(unit.present.epoch)} 2`);
  t.is(rig.fleet.find(ID)?.state, 'active');
  t.deepEqual(
    unit.polls.at(-1)?.acks.map(([of, n]) => [toHex(of), n]),
    [
      [toHex(epoch), entries.length],
      [toHex(unit.present.epoch), 2],
    ],
  );
});

test('both branches are there after the collector was opened again, and both units go on', async (t) => {
  const folders = { ledger: join(temporaryFolder(t), 'ledger'), state: temporaryFolder(t) };
  const { rig, unit, thief } = await twins(t, 300, folders);
  await run(rig, thief, 20, 666);
  await visit(rig, thief);
  await run(rig, unit, 10, 2);
  let cut = 0;
  rig.connect(unit, (frame) => (cutFrame(frame).kind === KINDS.poll.number && ++cut > 1 ? undefined : unit.receive(frame)));
  await rig.time.advance(2000);
  t.deepEqual(chains(rig, unit), ['1-320', ''], 'an answer without entries showed the branch');
  await rig.close();
  const again = await openRig(t, { ...folders, time: rig.time });
  for (const lcu of [thief, unit]) {
    await run(again, lcu, 5, lcu === unit ? 2 : 666);
    await visit(again, lcu);
    await again.time.advance(ROUND_MS);
    t.is(acknowledged(lcu), lcu.present.entries.length);
  }
  t.deepEqual(chains(again, unit), ['1-325', '1-315']);
  t.is(storedOf(again, unit, 1), 315);
  t.is(storedOf(again, thief, 0), 325);
  t.is(again.fleet.find(ID)?.state, 'quarantined');
  t.deepEqual(codes(again), ['chain-fork', 'quarantined']);
});

test('security: two units that are away for long both get everything stored, though an island of one stood with the other', async (t) => {
  const { rig, unit, thief } = await twins(t, 50);
  await run(rig, thief, 50, 666);
  await visit(rig, thief);
  await run(rig, unit, 700, 2);
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), unit.present.entries.length);
  await run(rig, thief, 800, 666);
  for (const lcu of [thief, unit, thief]) {
    await visit(rig, lcu);
    await rig.time.advance(ROUND_MS);
    t.is(acknowledged(lcu), lcu.present.entries.length);
  }
  t.deepEqual(codes(rig).filter((code) => code === 'quarantined').length, 1);
});

test('what a unit did not deliver of a forked epoch comes after its restart', async (t) => {
  const { rig, unit, thief } = await twins(t, 300);
  await run(rig, thief, 40, 666);
  await visit(rig, thief);
  await run(rig, unit, 5, 2);
  await visit(rig, unit);
  await run(rig, unit, 50, 2);
  const { epoch, entries } = unit.present;
  unit.beginEpoch();
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.is(rig.ledger.holding(0, branchId(epoch, 1)).mark.n, entries.length);
  t.is(unit.polls.at(-1)?.acks.find(([of]) => toHex(of) === toHex(epoch))?.[1], entries.length);
});

test('a unit that lost entries of its branch tells a gap of it, which is taken and acknowledged', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 20, 666);
  await visit(rig, thief);
  await run(rig, unit, 20, 2);
  const { epoch, heads } = unit.present;
  unit.beginEpoch();
  unit.epochs.splice(0, 1);
  unit.gaps = [[epoch, 11, 30, heads[10]!, heads[30]!, GAP_REASON.evicted]];
  await visit(rig, unit);
  t.deepEqual(codes(rig).slice(0, 2), ['chain-fork', 'quarantined']);
  const id = branchId(epoch, 1);
  t.is(rig.ledger.holding(0, id).mark.n, 30);
  t.is(rig.ledger.rowOf(0, id, 20), undefined);
  t.is(rig.ledger.rowOf(0, id, 10)?.key, rig.ledger.rowOf(0, epoch, 10)?.key);
});

for (const [what, pauseMs, months] of [
  ['in one month', 0, 1],
  ['over the end of a month', 5 * 3_600_000, 2],
] as const) {
  test(`a ledger with branches ${what} agrees with itself`, async (t) => {
    const folder = join(temporaryFolder(t), 'ledger');
    const time = new FakeTime(Date.UTC(2026, 10, 30, 20));
    const { rig, unit, thief } = await twins(t, 300, { ledger: folder, time });
    for (let turn = 0; turn < 2; turn++) {
      await rig.time.advance(turn * pauseMs);
      for (const lcu of [thief, unit]) {
        await run(rig, lcu, 40, lcu === unit ? 2 : 666);
        await visit(rig, lcu);
        await rig.time.advance(ROUND_MS);
        t.is(acknowledged(lcu), lcu.present.entries.length);
      }
    }
    const report = await auditRig(rig, folder);
    t.is(report.months.length, months);
    t.deepEqual(told(report), []);
    t.is(report.entries, 300 + 4 * 40);
  });
}

test('security: an LCU that was released is not quarantined again by what a thief left of the epoch before', async (t) => {
  const { rig, unit, thief } = await twins(t, 50);
  await run(rig, thief, 20, 666);
  await visit(rig, thief);
  await run(rig, thief, 700, 666);
  rig.connect(thief, pollsUntil(thief, 1));
  await rig.time.advance(15_000);
  await run(rig, unit, 200, 2);
  await visit(rig, unit);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  await rig.time.advance(1000);
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision: 'released', atMs: wallMs, reason: 'key was changed', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await run(rig, unit, 2, 2);
  await rig.time.advance(ROUND_MS);
  const judged = codes(rig);
  unit.beginEpoch();
  await run(rig, unit, 1, 3);
  await visit(rig, unit);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(codes(rig), judged);
  t.is(rig.fleet.find(ID)?.state, 'active');
});

const SEEDS = [1033, 7060, ...Array.from({ length: 18 }, (_, i) => 100 + i)];

for (const seed of SEEDS) {
  test(`security: two units that come by turns and break off anywhere: rounds end, and only what is stored is acknowledged (${seed})`, (t) =>
    byTurns(t, seed));
}

async function byTurns(t: ExecutionContext, seed: number): Promise<void> {
  const random = numbersFrom(seed);
  const { rig, unit, thief } = await twins(t, 1 + random(600));
  if (random(2)) await visit(rig, unit);
  for (let turn = 0; turn < 6; turn++) {
    const lcu = random(2) ? unit : thief;
    await run(rig, lcu, 1 + random(random(2) ? 40 : 700), lcu === unit ? 2 : 666);
    const most = random(2) ? 1 + random(3) : Infinity;
    if (random(4)) {
      rig.connect(lcu, pollsUntil(lcu, most));
      await rig.time.advance(2000);
    }
    if (random(2)) await rig.time.advance(ROUND_MS);
  }
  for (let turn = 0; turn < 4; turn++) {
    for (const lcu of [unit, thief]) {
      for (let round = 0; round < 3; round++) {
        const before = lcu.polls.length;
        if (round === 0) await visit(rig, lcu);
        else await rig.time.advance(ROUND_MS);
        t.true(lcu.polls.length - before < 25, `seed ${seed}: ${lcu.polls.length - before} answers in a round`);
      }
      t.true(mostStored(rig, lcu) >= acknowledged(lcu), `seed ${seed}: acknowledged and not stored`);
    }
  }
}

/** Of the chains of its epoch, the most that one of them has of a unit. */
function mostStored(rig: CollectorRig, lcu: SimulatedLcu): number {
  return Math.max(...chains(rig, lcu).map((_, branch) => storedOf(rig, lcu, branch)));
}
