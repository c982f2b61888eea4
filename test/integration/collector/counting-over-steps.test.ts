import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type SampleEntry, toHex } from '@farola/shared';
import { LedgerFollower } from '@farola/collector/aggregate/follow-ledger.js';
import { openSqliteAggregateReader, openSqliteAggregates } from '@farola/collector/aggregate/sqlite-aggregates.js';
import { latestReadings, readingsBetween } from '@farola/collector/api/query-readings.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const FAR_MS = Date.UTC(2100, 0);

/** Takes a sample and delivers it by a new connection. Gives which entry it is. */
async function sampled(rig: CollectorRig, lcu: SimulatedLcu): Promise<string> {
  await rig.time.advance(MINUTE_MS);
  const at = rig.time.now();
  const sample: SampleEntry = { kind: 'sample', at, analyser: 0, spanMs: 1, status: 'complete', values: [1] };
  lcu.append(sample);
  rig.connect(lcu);
  await rig.time.advance(1000);
  rig.tick();
  return `${toHex(lcu.present.epoch)} ${lcu.present.entries.length}`;
}

/** Takes a sample of a new epoch and delivers it. */
function sampledAnew(rig: CollectorRig, lcu: SimulatedLcu): Promise<string> {
  lcu.beginEpoch();
  return sampled(rig, lcu);
}

async function step(rig: CollectorRig, ms: number): Promise<void> {
  await rig.time.advance(1000);
  rig.time.step(ms);
  rig.tick();
}

async function decide(rig: CollectorRig, decision: Decision): Promise<void> {
  decideStanding(rig, ID, { decision, atMs: rig.time.now().wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await rig.time.advance(1000);
}

function enrolled(rig: CollectorRig): SimulatedLcu {
  rig.enrol(ID, testSigner(2));
  return rig.simulate(ID, 2);
}

/** Every sample and whether it counts, by its place in `known`; how many aggregates leave out; the latest, also made anew. */
async function told(t: ExecutionContext, rig: CollectorRig, known: readonly string[]) {
  rig.tick();
  const { ledger, state, fleet } = rig;
  const { derived } = state;
  const lcu = fleet.find(ID)!;
  const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
  const marked = (readings: ReturnType<typeof latestReadings>): [number, boolean][] =>
    readings.map(({ epoch, n, counts }) => [known.indexOf(`${epoch} ${n}`), counts]);
  const all = [...readingsBetween(source, { lcu }, { fromMs: 0, toMs: FAR_MS, untilMs: FAR_MS })];
  const anew = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
  t.teardown(() => anew.close());
  rebuildDerived({ ledger, derived: anew.derived });
  const [latest] = derived.latest(0);
  const [again] = anew.derived.latest(0);
  t.deepEqual([again?.epoch, again?.n], [latest?.epoch, latest?.n], 'a rebuild comes to the same');
  return {
    all: marked(all).sort(([a], [b]) => a - b),
    latest: marked(latestReadings(source, { lcu })),
    barred: await barred(t, rig),
  };
}

/** Samples that aggregates leave out. */
async function barred(t: ExecutionContext, { ledger, fleet, state: { derived }, time }: CollectorRig): Promise<number> {
  const path = join(temporaryFolder(t), 'aggregates.db');
  const store = await openSqliteAggregates(path);
  const follower = new LedgerFollower({ ledger, fleet, derived, store, now: () => time.now().wallMs });
  while (follower.step());
  store.close();
  const reader = await openSqliteAggregateReader(path);
  t.teardown(() => reader.close());
  return reader.withoutPlace(0, 0).barred;
}

test('security: 6.4: what a quarantined LCU delivers after the clock went back does not count', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  const known = [await sampled(rig, lcu)];
  await decide(rig, 'quarantined');
  known.push(await sampled(rig, lcu));
  await step(rig, -HOUR_MS);
  known.push(await sampled(rig, lcu));
  await rig.time.advance(ROUND_MS);
  known.push(await sampled(rig, lcu));
  const expected = {
    all: [
      [0, true],
      [1, false],
      [2, false],
      [3, false],
    ],
    latest: [[0, true]],
    barred: 3,
  };
  t.deepEqual(await told(t, rig, known), expected);
  await rig.time.advance(2 * HOUR_MS);
  t.deepEqual(await told(t, rig, known), expected);
});

test('security: 6.4: a restart of the collector after the clock went back forgets no quarantine', async (t) => {
  const folders = { ledger: temporaryFolder(t), state: temporaryFolder(t) };
  const before = await openRig(t, folders);
  const lcu = enrolled(before);
  const known = [await sampled(before, lcu)];
  await decide(before, 'quarantined');
  await before.close();
  before.time.step(-HOUR_MS);
  const rig = await openRig(t, { ...folders, time: before.time });
  known.push(await sampled(rig, lcu), await sampled(rig, lcu));
  t.deepEqual(await told(t, rig, known), {
    all: [
      [0, true],
      [1, false],
      [2, false],
    ],
    latest: [[0, true]],
    barred: 2,
  });
  t.is(rig.ledger.judgements(0).length, 2, 'it is noted again once');
});

test('6.4: what came before a quarantine counts also where the clock was ahead then', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  rig.time.step(HOUR_MS);
  rig.tick();
  const known = [await sampled(rig, lcu), await sampled(rig, lcu)];
  await step(rig, -HOUR_MS);
  known.push(await sampled(rig, lcu));
  await decide(rig, 'quarantined');
  known.push(await sampled(rig, lcu));
  t.deepEqual(await told(t, rig, known), {
    all: [
      [0, true],
      [1, true],
      [2, true],
      [3, false],
    ],
    latest: [[2, true]],
    barred: 1,
  });
});

test('6.4: an epoch that begins after a release counts also where the clock went back in between', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  const known = [await sampled(rig, lcu)];
  await decide(rig, 'quarantined');
  await decide(rig, 'released');
  known.push(await sampled(rig, lcu));
  await step(rig, -HOUR_MS);
  known.push(await sampled(rig, lcu), await sampledAnew(rig, lcu), await sampled(rig, lcu));
  const all = [
    [0, true],
    [1, false],
    [2, false],
    [3, true],
    [4, true],
  ];
  t.deepEqual(await told(t, rig, known), { all, latest: [[4, true]], barred: 2 });
  await rig.time.advance(2 * HOUR_MS);
  known.push(await sampled(rig, lcu));
  t.deepEqual(await told(t, rig, known), { all: [...all, [5, true]], latest: [[5, true]], barred: 2 });
});

test('security: 6.4: an epoch of before a release does not count where the clock was ahead when it began', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  rig.time.step(HOUR_MS);
  rig.tick();
  const known = [await sampled(rig, lcu)];
  await step(rig, -HOUR_MS);
  await decide(rig, 'quarantined');
  await decide(rig, 'released');
  known.push(await sampled(rig, lcu));
  t.deepEqual(await told(t, rig, known), {
    all: [
      [0, true],
      [1, false],
    ],
    latest: [[0, true]],
    barred: 1,
  });
  known.push(await sampledAnew(rig, lcu));
  t.deepEqual(await told(t, rig, known), {
    all: [
      [0, true],
      [1, false],
      [2, true],
    ],
    latest: [[2, true]],
    barred: 1,
  });
});

test('security: 6.4: a fork of an epoch that began after a release quarantines again, whatever the clock did in between', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  await sampled(rig, lcu);
  await decide(rig, 'quarantined');
  await decide(rig, 'released');
  await step(rig, -HOUR_MS);
  await sampledAnew(rig, lcu);
  const image = lcu.image(seededRandom('image'));
  await sampled(rig, lcu);
  await sampled(rig, lcu);
  rig.time.step(1);
  await sampled(rig, image);
  await sampled(rig, image);
  await rig.time.advance(ROUND_MS);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
});

test('6.4: a clock that stands still costs no judgement, and a step one for each LCU about which was decided', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  await sampled(rig, lcu);
  await decide(rig, 'quarantined');
  for (let i = 0; i < 3; i++) await sampled(rig, lcu);
  t.is(rig.ledger.judgements(0).length, 1);
  await step(rig, -HOUR_MS);
  for (let i = 0; i < 3; i++) await sampled(rig, lcu);
  t.is(rig.ledger.judgements(0).length, 2);
  await step(rig, -HOUR_MS);
  for (let i = 0; i < 3; i++) await sampled(rig, lcu);
  t.is(rig.ledger.judgements(0).length, 3);
});
