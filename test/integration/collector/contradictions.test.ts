import test from 'ava';
import { join } from 'node:path';
import { type SampleEntry, toHex } from '@farola/shared';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const MINUTE_MS = 60_000;

function sampleNow(rig: CollectorRig): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] };
}

/** A sample each minute. */
async function run(rig: CollectorRig, lcu: SimulatedLcu, minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    await rig.time.advance(MINUTE_MS);
    lcu.append(sampleNow(rig));
  }
}

const restored = (lcu: SimulatedLcu): SimulatedLcu => lcu.image(seededRandom('image'));

function decide(rig: CollectorRig, decision: Decision): void {
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision, atMs: wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
}

function judged(rig: CollectorRig): string[] {
  return rig.ledger.judgements(0).map(({ code }) => code);
}

/** Last entry that is stored of each epoch. */
function storedEnds(rig: CollectorRig): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const range of rig.stored({ lcuNo: 0 })) {
    const [, epoch = '', to] = /^(\w+) \d+\.\.(\d+)$/.exec(range) ?? [];
    ends.set(epoch, Math.max(ends.get(epoch) ?? 0, Number(to)));
  }
  return ends;
}

/** Epoch and number of the latest sample of analyser 0. */
function latest(rig: CollectorRig): string | undefined {
  rig.writer.flush();
  const [sample] = rig.state.derived.latest(0);
  return sample && `${toHex(sample.epoch)} ${sample.n}`;
}

const newest = (lcu: SimulatedLcu): string => `${toHex(lcu.present.epoch)} ${lcu.present.entries.length}`;

/** An LCU that has run for some minutes, all of them delivered, and its disk as it was in between. */
async function wentBack(rig: CollectorRig, before: number, after: number): Promise<{ lcu: SimulatedLcu; image: SimulatedLcu }> {
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  rig.connect(lcu);
  await run(rig, lcu, before);
  const image = restored(lcu);
  await run(rig, lcu, after);
  await rig.time.advance(ROUND_MS);
  image.beginEpoch();
  return { lcu, image };
}

test('an SD card that lost up to five minutes is told, and the LCU goes on', async (t) => {
  const rig = await openRig(t);
  const { image } = await wentBack(rig, 3, 5);
  rig.connect(image);
  await run(rig, image, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['state-went-back']);
  t.is(rig.ledger.judgements(0)[0]?.facts['lost'], '300000 ms');
  t.is(rig.fleet.find(ID)?.state, 'active');
  t.is(latest(rig), newest(image));
});

test('an LCU that forgot more is quarantined: stored and acknowledged, and counted no more', async (t) => {
  const rig = await openRig(t);
  const { lcu, image } = await wentBack(rig, 3, 6);
  const before = latest(rig);
  t.is(before, newest(lcu));
  rig.connect(image);
  await run(rig, image, 2);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['state-went-back', 'quarantined']);
  t.like(rig.fleet.find(ID), { state: 'quarantined', standing: { reason: 'state-went-back', by: 'collector' } });
  t.is(latest(rig), before);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(image.polls.at(-1)?.acks.at(-1)?.slice(0, 2), [image.present.epoch, image.present.entries.length]);
});

test('a unit that comes back without its past is quarantined', async (t) => {
  const rig = await openRig(t);
  const { lcu } = await wentBack(rig, 6, 1);
  rig.connect(new SimulatedLcu({ ...lcu.options, random: seededRandom('fresh') }));
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['state-went-back', 'quarantined']);
  t.is(rig.ledger.judgements(0)[0]?.facts['previous'], 'none');
});

test('two units that go on from one image, both delivering, are told as a clone', async (t) => {
  const rig = await openRig(t);
  const { lcu, image } = await wentBack(rig, 3, 1);
  rig.connect(image);
  await run(rig, image, 1);
  await rig.time.advance(1000);
  t.is(rig.fleet.find(ID)?.state, 'active', 'so far it may have been a lost write');
  rig.connect(lcu);
  await run(rig, lcu, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['state-went-back', 'branch-delivers', 'quarantined']);
  const before = latest(rig);
  rig.connect(image);
  await run(rig, image, 1);
  await rig.time.advance(ROUND_MS);
  t.is(latest(rig), before);
  const branches = [lcu, image].map(({ present }) => [toHex(present.epoch).slice(0, 4), present.entries.length] as const);
  t.deepEqual(storedEnds(rig), new Map(branches), 'both branches are stored to their ends');
});

test('two images that both begin anew are told as a clone when the older one delivers again', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  rig.connect(lcu);
  await run(rig, lcu, 2);
  await rig.time.advance(ROUND_MS);
  const [one, other] = [lcu.image(seededRandom('one')), lcu.image(seededRandom('other'))];
  one.beginEpoch();
  rig.connect(one);
  await run(rig, one, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), []);
  await rig.time.advance(1000);
  other.beginEpoch();
  rig.connect(other);
  await rig.time.advance(1000);
  t.deepEqual(judged(rig), ['state-went-back']);
  rig.connect(one);
  await run(rig, one, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['state-went-back', 'branch-delivers', 'quarantined']);
});

test('connections that come and go, half-open ones too, quarantine nobody', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  for (let i = 0; i < 20; i++) {
    rig.connect(lcu, (frame) => (i % 3 === 1 ? undefined : lcu.receive(frame)));
    if (i % 4 === 0) lcu.beginEpoch();
    await run(rig, lcu, 1);
  }
  rig.connect(lcu);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), []);
  t.is(rig.fleet.find(ID)?.state, 'active');
  t.is(latest(rig), newest(lcu));
});

test('after a release only an epoch that began later counts, and a rebuild comes to the same', async (t) => {
  const rig = await openRig(t);
  const { image } = await wentBack(rig, 3, 6);
  const before = latest(rig);
  rig.connect(image);
  await rig.time.advance(ROUND_MS);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  decide(rig, 'released');
  await run(rig, image, 1);
  await rig.time.advance(ROUND_MS);
  t.is(latest(rig), before, 'the epoch of the contradiction');
  await rig.time.advance(1000);
  image.beginEpoch();
  rig.connect(image);
  await run(rig, image, 1);
  await rig.time.advance(ROUND_MS);
  t.is(latest(rig), newest(image));
  t.deepEqual(judged(rig), ['state-went-back', 'quarantined', 'released']);

  const anew = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
  t.teardown(() => anew.close());
  rebuildDerived({ ledger: rig.ledger, derived: anew.derived });
  t.deepEqual(anew.derived.latest(0), rig.state.derived.latest(0));
});

for (const [decision, code] of [
  ['revoked', 'lcu-revoked'],
  ['retired', 'lcu-retired'],
] as const) {
  test(`B9: an LCU that is ${decision} loses its connection, its rows stay, and its key opens nothing`, async (t) => {
    const rig = await openRig(t);
    const { lcu } = await wentBack(rig, 2, 0);
    const stored = rig.stored({ lcuNo: 0 });
    const channel = rig.connect(lcu);
    await rig.time.advance(1000);
    decide(rig, decision);
    t.is(channel.closedFor, code);
    t.is(rig.polls.counts.connected, 0);
    rig.connect(lcu);
    await run(rig, lcu, 1);
    t.deepEqual(rig.refused, [code]);
    t.deepEqual(rig.stored({ lcuNo: 0 }), stored);
    t.deepEqual(judged(rig), [decision]);
  });
}

test('B18: a revoked LCU comes back by a new enrolment, on a new board, and its old key stays out', async (t) => {
  const rig = await openRig(t);
  const { lcu } = await wentBack(rig, 2, 0);
  decide(rig, 'revoked');
  await rig.time.advance(1000);
  const board = new SimulatedLcu({ ...lcu.options, signer: testSigner(3), random: seededRandom('board') });
  const again = rig.enrol(ID, testSigner(3));
  t.is(again.lcuNo, 0);
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual(rig.refused, ['key-unknown']);
  rig.connect(board);
  await run(rig, board, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['revoked']);
  t.is(latest(rig), newest(board));
});
