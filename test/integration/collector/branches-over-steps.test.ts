import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { toHex } from '@farola/shared';
import { readingsBetween } from '@farola/collector/api/query-readings.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { type CollectorRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { codes, ID, latest, run, twins, visit } from '../../fakes/twins.js';

const HOUR_MS = 3_600_000;
const FAR_MS = Date.UTC(2100, 0);

async function step(rig: CollectorRig, ms: number): Promise<void> {
  await rig.time.advance(1000);
  rig.time.step(ms);
  rig.tick();
}

async function release(rig: CollectorRig): Promise<void> {
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision: 'released', atMs: wallMs, reason: 'key was changed', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await rig.time.advance(1000);
}

/** How many samples count, by the chain that they are of. */
function counted({ ledger, state: { derived }, fleet }: CollectorRig): Record<string, number> {
  const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
  const counts: Record<string, number> = {};
  for (const reading of readingsBetween(source, { lcu: fleet.find(ID)! }, { fromMs: 0, toMs: FAR_MS, untilMs: FAR_MS })) {
    counts[reading.epoch] = (counts[reading.epoch] ?? 0) + Number(reading.counts);
  }
  return counts;
}

/** The latest sample of derived state that is made anew from the ledger. */
async function latestAnew(t: ExecutionContext, { ledger }: CollectorRig): Promise<string | undefined> {
  const anew = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
  t.teardown(() => anew.close());
  rebuildDerived({ ledger, derived: anew.derived });
  const [sample] = anew.derived.latest(0);
  return sample && `${toHex(sample.epoch)} ${sample.n}`;
}

test('security: 6.4: of an epoch that forked before a release nothing counts, and no more follows, though the clock was ahead then', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 3, 666);
  await visit(rig, thief);
  await run(rig, unit, 3, 2);
  await visit(rig, unit);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined']);
  const before = counted(rig);
  const last = latest(rig);
  await step(rig, -HOUR_MS);
  await release(rig);
  for (const [lcu, value] of [
    [unit, 2],
    [thief, 666],
  ] as const) {
    await run(rig, lcu, 2, value);
    await visit(rig, lcu);
    await rig.time.advance(ROUND_MS);
  }
  t.is(rig.fleet.find(ID)?.state, 'active');
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined', 'released'], 'what is told for ever is judged once');
  t.deepEqual([counted(rig), latest(rig), await latestAnew(t, rig)], [before, last, last]);
  unit.beginEpoch();
  await run(rig, unit, 2, 3);
  await visit(rig, unit);
  const present = toHex(unit.present.epoch);
  t.is(latest(rig), `${present} 3`);
  t.is(await latestAnew(t, rig), `${present} 3`);
  t.deepEqual(counted(rig), { ...before, [present]: 2 });
  t.is(rig.fleet.find(ID)?.state, 'active');
});

test('security: 6.4: of neither branch anything counts that is delivered after the clock went back behind the quarantine', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 3, 666);
  await visit(rig, thief);
  await run(rig, unit, 3, 2);
  await visit(rig, unit);
  const before = counted(rig);
  const last = latest(rig);
  await step(rig, -HOUR_MS);
  await run(rig, unit, 2, 2);
  await visit(rig, unit);
  await run(rig, thief, 2, 666);
  await visit(rig, thief);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined', 'quarantined'], 'the quarantine is noted again once');
  t.deepEqual([counted(rig), latest(rig), await latestAnew(t, rig)], [before, last, last]);
});
